from typing import get_args

import numpy as np
import pytest
import torch

from tests.trainers.trials import Quadratic, train, trial
from trainers.config import Dtype
from trainers.precision import FIRST_SCALE, GROWTH_INTERVAL, SMALLEST_SCALE, LossScale, storage_dtype


@pytest.mark.parametrize(("dtype", "stack_size"), [("bfloat16", 3), ("float16", 1), ("float16", 3)])
def test_sixteen_bits_train_as_32_do(dtype: str, stack_size: int) -> None:
    trials = [trial(n, seed=n, steps=60, dtype=dtype, lr=0.2) for n in range(3)]
    exact = [trial(n, seed=n, steps=60, lr=0.2) for n in range(3)]
    for short, full in zip(train(trials, stack_size=stack_size), train(exact, stack_size=3), strict=True):
        assert short.verdict.outcome == full.verdict.outcome == "stable"
        assert short.final["eval_loss"] == pytest.approx(full.final["eval_loss"], rel=0.05)


def test_parameters_are_kept_in_32_bits_at_least() -> None:
    assert storage_dtype(torch.float16) == storage_dtype(torch.bfloat16) == torch.float32
    assert storage_dtype(torch.float64) == torch.float64


def test_an_overflow_of_the_scale_leaves_the_step_out_and_is_no_explosion() -> None:
    # Gradients around 10 times a scale of 65,536 are beyond float16's 65,504.
    (record,) = train([trial(dtype="float16", steps=60, lr=0.01, init={"kind": "normal", "std": 1.0})])
    assert record.verdict.outcome not in ("exploded", "failed")
    assert record.final["loss_scale_overflows"] >= 1
    assert record.final["nonfinite"] == 0.0


def test_activations_beyond_the_range_of_float16_are_an_explosion() -> None:
    (record,) = train([trial(dtype="float16", steps=10, init={"kind": "normal", "std": 1e4})])
    assert record.verdict.outcome == "exploded"
    assert record.verdict.evidence.phase == "forward"


@pytest.mark.parametrize("stack_size", [1, 2])
def test_a_scale_that_overflows_and_recovers_leaves_its_mark_and_nothing_else(stack_size: int) -> None:
    wide = {"init": {"kind": "normal", "std": 1.0}, "lr": 0.003, "steps": 200}
    trials = [trial(0, dtype="float16", **wide), trial(1, dtype="float32", **wide)]
    short, full = (train([one], stack_size=stack_size)[0] for one in trials)
    assert short.verdict.outcome == full.verdict.outcome
    assert short.final["loss_scale_overflows"] >= 1
    assert SMALLEST_SCALE < short.final["loss_scale"] < FIRST_SCALE


class Steep(Quadratic):
    """A loss of 1 in float16 whose slope is beyond its range."""

    def __init__(self, slope: float) -> None:
        super().__init__([1.0], torch.float16)
        self.slope = slope

    def loss(self, params, inputs, targets, tape):  # type: ignore[no-untyped-def]
        weight = params["w"][:, 0]
        return 1.0 + (weight - weight.detach()).float() * self.slope


@pytest.mark.parametrize("stack_size", [1, 2])
def test_a_gradient_beyond_float16_is_an_explosion_with_evidence_of_its_own(stack_size: int) -> None:
    trials = [trial(number, dtype="float16", steps=60, seed=number) for number in range(2)]
    records = train(trials, stack_size=stack_size, build=lambda *_: Steep(1e30))
    for record in records:
        evidence = record.verdict.evidence
        assert record.verdict.outcome == "exploded"
        assert evidence.rule == "gradient overflows at the smallest loss scale"
        assert (evidence.value, evidence.threshold) == (SMALLEST_SCALE, SMALLEST_SCALE)
        assert (evidence.step, evidence.phase, evidence.layer) == (16, "backward", "w")
        assert record.final["loss_scale_overflows"] == 16.0


def test_a_run_that_leaves_out_most_updates_stalls_and_says_why() -> None:
    (record,) = train([trial(dtype="float16", steps=12)], build=lambda *_: Steep(1e30))
    assert record.verdict.outcome == "stalled"
    assert record.verdict.evidence.rule == "loss scale overflows in most steps"
    assert record.verdict.evidence.value == record.final["loss_scale_overflows"] == 12.0


def test_a_rate_that_is_too_large_is_an_explosion_whatever_the_scale_did_before() -> None:
    (record,) = train([trial(dtype="float16", lr=1e9, steps=60)])
    assert record.verdict.outcome == "exploded"
    assert record.verdict.evidence.rule == "non-finite value"
    assert record.verdict.evidence.phase == "forward"


def test_every_precision_is_a_value_of_one_axis() -> None:
    dtypes = [*get_args(Dtype)]
    records = [train([trial(dtype=dtype, lr=0.2, steps=60)])[0] for dtype in dtypes]
    losses = [record.final["eval_loss"] for record in records]
    assert {record.verdict.outcome for record in records} == {"stable"}
    assert losses == pytest.approx([losses[dtypes.index("float64")]] * 4, rel=0.05)
    assert len(set(losses)) == 4
    scaled = [dtype for dtype, record in zip(dtypes, records, strict=True) if "loss_scale" in record.final]
    assert scaled == ["float16"]


def test_the_scale_halves_for_the_member_that_overflowed_only() -> None:
    scale = LossScale(3, "cpu")
    grads = torch.ones(3, 2) * FIRST_SCALE
    grads[1, 0] = torch.inf

    kept = scale.unscale(grads, torch.ones(3))

    assert kept.tolist() == [1.0, 0.0, 1.0]
    assert scale.scale.tolist() == [FIRST_SCALE, FIRST_SCALE / 2, FIRST_SCALE]
    assert scale.num_overflows.tolist() == [0, 1, 0]
    np.testing.assert_allclose(grads, [[1, 1], [0, 0], [1, 1]])


def test_the_scale_grows_again_after_many_good_steps() -> None:
    scale = LossScale(1, "cpu")
    for _ in range(GROWTH_INTERVAL):
        scale.unscale(torch.ones(1, 2), torch.ones(1))
    assert scale.scale.tolist() == [2 * FIRST_SCALE]


@pytest.mark.parametrize(("loss", "factor"), [(torch.inf, FIRST_SCALE), (1.0, SMALLEST_SCALE)])
def test_what_no_scale_can_mend_stays_infinite(loss: float, factor: float) -> None:
    scale = LossScale(1, "cpu")
    scale.scale.fill_(factor)
    grads = torch.tensor([[torch.inf, 1.0]])
    assert scale.unscale(grads, torch.tensor([loss])).tolist() == [1.0]
    assert not torch.isfinite(grads).all()
