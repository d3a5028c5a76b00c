"""Schedules that depend on more than the step."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.trainers.aspects import shows
from trainers.catalogue import alternatives
from trainers.schedules import LinearScaling, Plateau, Schedule, ScheduleConfig

LOSSES = st.lists(st.floats(0, 1e6), max_size=60)
OTHERS = [kind() for kind in alternatives(ScheduleConfig) if kind not in (Plateau, LinearScaling)]


@shows("reference", of=[Plateau])
@given(losses=LOSSES, patience=st.integers(0, 4), threshold=st.sampled_from([0.0, 1e-4, 0.2]))
def test_plateau_drops_when_torchs_does(losses: list[float], patience: int, threshold: float) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=patience, threshold=threshold, min_lr=0.01, eps=0.0
    )
    plateau = Plateau(drop=0.5, patience=patience, threshold=threshold, lowest=0.01)
    assert plateau.feedback_factor([]) == 1
    for count, loss in enumerate(losses, start=1):
        scheduler.step(loss)
        expected = optimizer.param_groups[0]["lr"]
        assert plateau.feedback_factor(losses[:count]) == pytest.approx(expected, rel=1e-12)


@given(LOSSES, LOSSES)
def test_more_evaluations_never_raise_the_rate(first: list[float], more: list[float]) -> None:
    plateau = Plateau()
    assert plateau.feedback_factor(first + more) <= plateau.feedback_factor(first)


def test_losses_that_are_no_numbers_are_no_progress() -> None:
    plateau = Plateau(patience=1, drop=0.5)
    assert plateau.feedback_factor([1.0, math.nan, math.nan]) == 0.5
    assert plateau.feedback_factor([math.nan, 1.0, 0.5, 0.1]) == 1.0


@shows("reference", of=[LinearScaling])
@pytest.mark.parametrize(("batch_size", "factor"), [(64, 1.0), (256, 4.0), (16, 0.25)])
def test_linear_scaling_follows_the_batch_size(batch_size: int, factor: float) -> None:
    assert LinearScaling(base_batch_size=64).batch_factor(batch_size) == factor


def test_linear_scaling_warms_up_first() -> None:
    schedule = LinearScaling(warmup_steps=4)
    assert [schedule.factor(step, 10) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("schedule", OTHERS, ids=lambda schedule: schedule.kind)
def test_other_schedules_ask_neither_the_batch_nor_the_losses(schedule: Schedule) -> None:
    assert schedule.batch_factor(1024) == 1
    assert schedule.feedback_factor([1.0, 2.0, 3.0]) == 1
