"""A stack's learning rates against each member's own schedule, to the last bit."""

from typing import Any

import pytest
import torch

from trainers.config import TrialConfig
from trainers.rates import Evaluations, Rates

STEPS = 40
NUM_EXAMPLES = 90
COSINE = {"kind": "cosine", "warmup_steps": 7, "final": 0.1}
PLATEAU = {"kind": "plateau", "patience": 0, "drop": 0.3}
SCALED = {"kind": "linear_scaling", "base_batch_size": 7, "warmup_steps": 3}
SCHEDULES: list[dict[str, Any]] = [COSINE, {"kind": "exponential", "gamma": 0.97}, PLATEAU, COSINE, SCALED]
LIKE = torch.zeros(0, dtype=torch.float64)
EVALUATIONS: Evaluations = {9: {"eval_loss": 1.0}, 19: {"eval_loss": 1.5}, 29: {"eval_loss": float("nan")}}


def configs(batch_size: int | str = 11) -> list[TrialConfig]:
    workload = {"data": {"kind": "digits"}, "model": {"kind": "mlp"}}
    fields = {"workload": workload, "steps": STEPS, "batch_size": batch_size}
    return [
        TrialConfig.model_validate(
            fields | {"optimizer": {"kind": "sgd", "lr": 0.1 * 1.7**member}, "schedule": schedule}
        )
        for member, schedule in enumerate(SCHEDULES)
    ]


def rate(config: TrialConfig, step: int, losses: list[float]) -> float:
    """One learning rate by the definition: a member, a step, and the evaluation losses before it."""
    schedule = config.schedule
    batch_size = NUM_EXAMPLES if config.batch_size == "full" else config.batch_size
    factor = schedule.factor(step, config.steps) * schedule.batch_factor(batch_size)
    return config.optimizer.lr * factor * schedule.feedback_factor(losses)


@pytest.mark.parametrize("batch_size", [11, "full"])
def test_a_chunk_has_each_members_own_rates(batch_size: int | str) -> None:
    members = configs(batch_size)
    chunk = Rates(members, NUM_EXAMPLES, LIKE).chunk(5, 20)
    for index, rates in enumerate(chunk):
        assert rates.shape == (len(members), 1)
        assert rates[:, 0].tolist() == [rate(config, 5 + index, []) for config in members]


def test_a_schedule_that_heeds_evaluations_changes_its_own_member_only() -> None:
    members = configs()
    rates = Rates(members, NUM_EXAMPLES, LIKE)
    for row in range(len(members)):
        rates.heed(row, EVALUATIONS)
    losses = [metrics["eval_loss"] for metrics in EVALUATIONS.values()]
    found = rates.chunk(30, 1)[0][:, 0].tolist()
    assert found == [rate(config, 30, losses) for config in members]
    assert found[2] < members[2].optimizer.lr


def test_curves_show_what_was_known_at_each_step() -> None:
    members, steps = configs(), [0, 9, 10, 20, 39]
    curves = Rates(members, NUM_EXAMPLES, LIKE).curves([1, 2, 3], steps, [EVALUATIONS, EVALUATIONS, {}])
    for found, config, evaluations in zip(curves, members[1:4], [EVALUATIONS, EVALUATIONS, {}], strict=True):
        for value, step in zip(found, steps, strict=True):
            earlier = [metrics["eval_loss"] for at, metrics in evaluations.items() if at < step]
            assert value == rate(config, step, earlier)


def test_members_that_stay_keep_their_rates() -> None:
    members = configs()
    rates = Rates(members, NUM_EXAMPLES, LIKE)
    rates.heed(2, EVALUATIONS)
    before = rates.chunk(30, 1)[0]
    rates.keep(torch.tensor([2, 4]))
    assert rates.chunk(30, 1)[0].tolist() == before[[2, 4]].tolist()
