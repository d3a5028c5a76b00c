"""A trial's result does not depend on the pack it was in."""

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.trainers.trials import train, trial
from trainers.config import TrialConfig
from trainers.initial import InitialRows
from trainers.loop import StackRun
from trainers.pack import PackTrial
from trainers.record import TrialRecord
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.workload import Workload

CLIPS = st.sampled_from(
    [
        {"kind": "none"},
        {"kind": "global_norm", "max_norm": 0.5},
        {"kind": "global_norm", "max_norm": 5.0},
        {"kind": "value", "max_value": 0.01},
        {"kind": "per_tensor_norm", "max_norm": 0.3},
    ]
)
INITS = st.sampled_from(
    [
        {"kind": "kaiming_normal"},
        {"kind": "normal", "std": 0.5},
        {"kind": "xavier_uniform"},
        {"kind": "orthogonal"},
    ]
)
SCHEDULES = st.sampled_from([{"kind": "constant"}, {"kind": "cosine"}])
OPTIMIZERS = st.sampled_from(["sgd", "momentum", "adam"])


@st.composite
def packs(draw: st.DrawFn) -> list[PackTrial]:
    """Two to five trials that differ in everything that may differ inside a stack."""
    optimizer = draw(OPTIMIZERS)
    log_rates = st.floats(-3, 1.5 if optimizer != "adam" else 0)

    def member(number: int) -> PackTrial:
        changes: dict[str, Any] = {
            "clip": draw(CLIPS),
            "init": draw(INITS),
            "schedule": draw(SCHEDULES),
            "optimizer": {"kind": optimizer, "lr": 10 ** draw(log_rates)},
            "seed": draw(st.integers(0, 3)),
        }
        return trial(number, steps=50, report_every=1, dtype="float64", **changes)

    return [member(number) for number in range(draw(st.integers(2, 5)))]


@settings(max_examples=12, derandomize=True)
@given(packs())
def test_packed_and_solo_loss_curves_agree(trials: list[PackTrial]) -> None:
    packed = train(trials, stack_size=len(trials))
    solo = train(trials, stack_size=1)

    for together, alone, member in zip(packed, solo, trials, strict=True):
        control = perturbed(member)
        if agrees(control, alone):
            np.testing.assert_allclose(losses(together), losses(alone), rtol=1e-9)
        if control.verdict.outcome == alone.verdict.outcome:
            assert together.verdict.outcome == alone.verdict.outcome


def test_the_agreement_is_to_nine_digits_where_training_is_not_chaotic() -> None:
    trials = [
        trial(number, lr=lr, seed=number, steps=50, report_every=1, dtype="float64", clip=clip)
        for number, (lr, clip) in enumerate(
            [
                (0.01, {"kind": "none"}),
                (0.1, {"kind": "global_norm", "max_norm": 0.1}),
                (0.3, {"kind": "none"}),
            ]
        )
    ]
    for together, alone in zip(train(trials, stack_size=3), train(trials, stack_size=1), strict=True):
        np.testing.assert_allclose(losses(together), losses(alone), rtol=1e-9)


def losses(record: TrialRecord) -> np.ndarray:
    return record.curves.scalars["train_loss"]


def perturbed(member: PackTrial) -> TrialRecord:
    """The control: the trial alone, with its initial weights perturbed by 1e-12."""
    rows = InitialRows()

    def initial(config: TrialConfig, workload: Workload) -> Tensor:
        row = rows(config, workload)
        noise = torch.randn(row.shape, generator=torch.Generator().manual_seed(0), dtype=row.dtype)
        return row * (1 + 1e-12 * noise)

    workload = Supervised.build(member.config.workload, "cpu", torch.float64)
    run = StackRun(Stack([member], workload, initial, "cpu", torch.float64))
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance()
    return records[0]


def agrees(control: TrialRecord, alone: TrialRecord) -> bool:
    """Whether the trial's losses are well posed: a perturbation of 1e-12 grew to 1e-9 at most."""
    one, other = losses(control), losses(alone)
    return len(one) == len(other) and bool(np.allclose(one, other, rtol=1e-9, equal_nan=True))
