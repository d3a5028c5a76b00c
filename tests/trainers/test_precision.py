import numpy as np
import pytest
import torch

from tests.trainers.trials import train, trial
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
