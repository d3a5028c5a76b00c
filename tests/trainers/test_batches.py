"""Which examples members see: each its own passes, by the definition in the docstring of `Batches`."""

import pytest
import torch
from torch import Tensor

from trainers.batches import Batches
from trainers.config import WorkloadConfig
from trainers.seeds import generator
from trainers.supervised import Supervised

WORKLOAD = Supervised.build(
    WorkloadConfig.model_validate({"data": {"kind": "chebyshev"}, "model": {"kind": "mlp"}}),
    "cpu",
    torch.float64,
)
N = WORKLOAD.num_examples
BATCH, ACCUMULATE = 7, 2
SEEDS = [3, 8, 3, 5]


def batches(seeds: list[int] = SEEDS) -> Batches:
    return Batches(seeds, WORKLOAD, BATCH, ACCUMULATE, "cpu")


def expected(seed: int, step: int, micro: int) -> Tensor:
    """Inputs (B, ...) of one micro-batch: the passes of a member, one after another, cut into batches."""
    start = (step * ACCUMULATE + micro) * BATCH
    orders = [torch.randperm(N, generator=generator(seed, "batches", epoch)) for epoch in range(20)]
    return WORKLOAD.dataset.inputs[torch.cat(orders)[start : start + BATCH]]


@pytest.mark.parametrize(("first_step", "num_steps"), [(0, 1), (0, 12), (1, 5), (10, 3)])
def test_members_train_on_their_own_passes(first_step: int, num_steps: int) -> None:
    chunk = batches().chunk(first_step, num_steps)
    for index in range(num_steps):
        for micro, (inputs, targets) in enumerate(chunk[index]):
            assert inputs.shape[:2] == targets.shape[:2] == (len(SEEDS), BATCH)
            for member, seed in enumerate(SEEDS):
                assert torch.equal(inputs[member], expected(seed, first_step + index, micro))


def test_members_that_stay_see_what_they_would_have_seen() -> None:
    together = batches()
    together.chunk(0, 1)  # the pass is drawn for all before some leave
    together.keep(torch.tensor([1, 2]))
    chunk = together.chunk(1, 9)
    for index in range(9):
        inputs = chunk[index][0][0]
        assert torch.equal(inputs[0], expected(8, 1 + index, 0))
        assert torch.equal(inputs[1], expected(3, 1 + index, 0))


def test_a_chunk_may_be_asked_for_again() -> None:
    together = batches()
    together.chunk(4, 6)
    assert torch.equal(together.chunk(6, 1)[0][1][0][3], expected(5, 6, 1))
