"""Which examples each member trains on: its own shuffled passes over the data, cut into batches."""

from collections.abc import Sequence
from dataclasses import dataclass
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
        self._orders: dict[int, Order] = {}
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
        rows = self._examples(start, stop).to(self.device)
        shape = (len(self.seeds), num_steps, self.accumulate, self.batch_size)
        by_step = rows.view(shape).movedim(0, 2).contiguous()  # (steps, accumulate, K, B)
        self._forget_before(start // self.workload.num_examples)
        return BatchChunk(self.workload, by_step, None, self.accumulate)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        self.seeds = [self.seeds[row] for row in rows.tolist()]
        for order in self._orders.values():
            order.places = order.places[rows]

    def _num_indices_per_step(self) -> int:
        assert self.batch_size != "full"
        return len(self.seeds) * self.accumulate * self.batch_size

    def _examples(self, start: int, stop: int) -> Tensor:
        """What each member has at places `start` to `stop` of its passes, (K, stop - start)."""
        N = self.workload.num_examples
        epochs = range(start // N, (stop - 1) // N + 1)
        parts = [self._order(epoch).cut(max(0, start - epoch * N), stop - epoch * N) for epoch in epochs]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _order(self, epoch: int) -> "Order":
        if epoch not in self._orders:
            self._orders[epoch] = Order.draw(self.seeds, epoch, self.workload.num_examples)
        return self._orders[epoch]

    def _forget_before(self, epoch: int) -> None:
        self._orders = {known: order for known, order in self._orders.items() if known >= epoch}

    def _whole(self) -> Batch:
        everything = torch.arange(self.workload.num_examples, device=self.device)
        return self.workload.batch(everything.unsqueeze(0))


@dataclass
class Order:
    """One pass of K members over N examples: `table` (seeds, N) holds permutations, `places` (K,) whose."""

    table: Tensor
    places: Tensor

    @classmethod
    def draw(cls, seeds: Sequence[int], epoch: int, num_examples: int) -> "Order":
        """The permutations of pass `epoch`; members with one seed share one."""
        place_of = {seed: place for place, seed in enumerate(dict.fromkeys(seeds))}
        table = torch.empty(len(place_of), num_examples, dtype=torch.int64)
        for seed, row in zip(place_of, table.unbind(), strict=True):
            torch.randperm(num_examples, generator=generator(seed, "batches", epoch), out=row)
        return cls(table, torch.tensor([place_of[seed] for seed in seeds]))

    def cut(self, start: int, stop: int) -> Tensor:
        """Each member's examples `start` to `stop`, or to the end, (K, length)."""
        return self.table[:, start:stop].index_select(0, self.places)


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
