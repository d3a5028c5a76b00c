"""Initial rows follow from a trial's initializer and seed, whoever draws them and when."""

from collections.abc import Iterator

import pytest
import torch

from tests.trainers.trials import trial
from trainers.initial import InitialRows
from trainers.supervised import Supervised

CONFIGS = [
    trial(seed=seed, init={"kind": kind}).config
    for kind in ("kaiming_normal", "orthogonal", "lsuv")
    for seed in (0, 1)
]


@pytest.fixture
def threads() -> Iterator[int]:
    """Let torch have some threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield 3
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
def test_rows_drawn_side_by_side_are_those_drawn_one_by_one() -> None:
    workload = Supervised.build(CONFIGS[0].workload, "cpu", torch.float32)
    together, one_by_one = InitialRows(), InitialRows()
    together.draw(CONFIGS * 2, workload)
    for config in CONFIGS:
        torch.testing.assert_close(together(config, workload), one_by_one(config, workload), rtol=0, atol=0)


@pytest.mark.usefixtures("threads")
def test_trials_that_differ_in_something_else_share_a_row() -> None:
    workload, rows = Supervised.build(CONFIGS[0].workload, "cpu", torch.float32), InitialRows()
    rows.draw(CONFIGS, workload)
    faster = trial(lr=1.0).config
    assert rows(faster, workload) is rows(trial(lr=0.1).config, workload)


def test_what_one_thread_draws_is_drawn_when_it_is_asked_for() -> None:
    workload, rows = Supervised.build(CONFIGS[0].workload, "cpu", torch.float32), InitialRows()
    rows.draw(CONFIGS, workload)
    assert torch.isfinite(rows(CONFIGS[0], workload)).all()
