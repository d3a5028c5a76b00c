"""Which examples each member trains on: its own shuffled passes over the data, cut into batches."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from trainers.seeds import generator
from trainers.workload import Workload

Batch = tuple[Tensor, Tensor]
MAX_CHUNK_INDICES = 1 << 22
"""Indices drawn at once: bounds the memory of a chunk's index tensor to 32 MB."""


class Batches:
    """Batches of K members. A member's examples follow from its seed alone.

    Epoch e of a member is a permutation from `generator(seed, "batches", e)`; the permutations follow
    each other without a gap, and step t takes the t-th run of `accumulate` micro-batches of `batch_size`.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        workload: Workload,
        batch_size: int | Literal["full"],
        accumulate: int,
        device: str,
    ) -> None:
        self.seeds = list(seeds)
        self.workload = workload
        self.device = device
        self.batch_size = batch_size
        self.accumulate = accumulate
        self._epochs: dict[tuple[int, int], Tensor] = {}
        self._full = self._whole() if batch_size == "full" else None

    def longest_chunk(self, num_steps: int) -> int:
        """How many of `num_steps` steps may be drawn at once."""
        if self.batch_size == "full":
            return num_steps
        return max(1, min(num_steps, MAX_CHUNK_INDICES // self._num_indices_per_step()))

    def chunk(self, first_step: int, num_steps: int) -> "BatchChunk":
        """The batches of steps `first_step` to `first_step + num_steps`."""
        if self._full is not None or self.batch_size == "full":
            return BatchChunk(self.workload, None, self._full, self.accumulate)
        per_step = self.batch_size * self.accumulate
        start, stop = first_step * per_step, (first_step + num_steps) * per_step
        rows = torch.stack([self._stream(seed, start, stop) for seed in self.seeds])
        shape = (len(self.seeds), num_steps, self.accumulate, self.batch_size)
        by_step = rows.view(shape).movedim(0, 2).contiguous()  # (steps, accumulate, K, B)
        self._forget_before(start // self.workload.num_examples)
        return BatchChunk(self.workload, by_step.to(self.device), None, self.accumulate)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        self.seeds = [self.seeds[row] for row in rows.tolist()]

    def _num_indices_per_step(self) -> int:
        assert self.batch_size != "full"
        return len(self.seeds) * self.accumulate * self.batch_size

    def _stream(self, seed: int, start: int, stop: int) -> Tensor:
        N = self.workload.num_examples
        epochs = range(start // N, (stop - 1) // N + 1)
        joined = torch.cat([self._epoch(seed, epoch) for epoch in epochs])
        return joined[start - epochs.start * N : stop - epochs.start * N]

    def _epoch(self, seed: int, epoch: int) -> Tensor:
        key = (seed, epoch)
        if key not in self._epochs:
            self._epochs[key] = torch.randperm(
                self.workload.num_examples, generator=generator(seed, "batches", epoch)
            )
        return self._epochs[key]

    def _forget_before(self, epoch: int) -> None:
        self._epochs = {key: order for key, order in self._epochs.items() if key[1] >= epoch}

    def _whole(self) -> Batch:
        everything = torch.arange(self.workload.num_examples, device=self.device)
        return self.workload.batch(everything.unsqueeze(0))


class BatchChunk:
    """The batches of a run of steps, gathered one step at a time."""

    def __init__(
        self, workload: Workload, indices: Tensor | None, full: Batch | None, accumulate: int
    ) -> None:
        self._workload = workload
        self._indices = indices  # (steps, accumulate, K, B)
        self._full = full
        self._accumulate = accumulate

    def __getitem__(self, step: int) -> list[Batch]:
        """The micro-batches of `step`: inputs and targets (K, B, ...), or (1, N, ...) of a full batch."""
        return self.gathered(self.places(step))

    def places(self, step: int) -> Tensor | None:
        """Which examples (accumulate, K, B) those of `step` are; None of a full batch."""
        return None if self._indices is None else self._indices[step]

    def gathered(self, places: Tensor | None) -> list[Batch]:
        """The micro-batches of the examples at `places`."""
        if places is None:
            assert self._full is not None
            return [self._full] * self._accumulate
        return [self._workload.batch(indices) for indices in places]
