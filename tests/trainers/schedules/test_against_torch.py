"""Schedules that torch has give torch's learning rates."""

from collections.abc import Callable

import pytest
import torch
from torch.optim import lr_scheduler

from tests.trainers.aspects import shows
from trainers.schedules import Cosine, Exponential, LinearWarmup, OneCycle, Schedule, Step

NUM_STEPS = 40
LR = 0.7
MakeScheduler = Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]
CASES: list[tuple[Schedule, MakeScheduler]] = [
    (Step(every=7, gamma=0.3), lambda opt: lr_scheduler.StepLR(opt, 7, 0.3)),
    (Exponential(gamma=0.9), lambda opt: lr_scheduler.ExponentialLR(opt, 0.9)),
    (Cosine(), lambda opt: lr_scheduler.CosineAnnealingLR(opt, NUM_STEPS)),
    (Cosine(final=0.1), lambda opt: lr_scheduler.CosineAnnealingLR(opt, NUM_STEPS, eta_min=0.1 * LR)),
    (LinearWarmup(warmup_steps=10), lambda opt: lr_scheduler.LinearLR(opt, 0.1, 1.0, 9)),
    (OneCycle(), lambda opt: lr_scheduler.OneCycleLR(opt, LR, NUM_STEPS, cycle_momentum=False)),
    (
        OneCycle(rise=0.5, start_divisor=10.0, final_divisor=100.0),
        lambda opt: lr_scheduler.OneCycleLR(
            opt, LR, NUM_STEPS, pct_start=0.5, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
]


@shows("reference", of=[schedule for schedule, _ in CASES])
@pytest.mark.parametrize(("schedule", "make"), CASES, ids=[schedule.kind for schedule, _ in CASES])
def test_a_schedule_gives_torchs_learning_rates(schedule: Schedule, make: MakeScheduler) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = make(optimizer)
    for step in range(NUM_STEPS):
        expected = optimizer.param_groups[0]["lr"]
        assert schedule.factor(step, NUM_STEPS) * LR == pytest.approx(expected, rel=1e-9, abs=1e-12), step
        optimizer.step()
        scheduler.step()
