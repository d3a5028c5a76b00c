"""What the adaptive rules promise beyond their formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.trainers.clipping.harness import LAYOUT, clip_once, draw, gradients, stack
from trainers.clipping import AdaGC, Agc, SkipStep, SpikeMomentumReset
from trainers.clipping.autoclip import SortedHistory


@given(st.lists(st.floats(0, 1e30), min_size=1, max_size=150), st.floats(0, 1))
def test_a_sorted_history_has_the_quantiles_of_numpy(values: list[float], fraction: float) -> None:
    history = SortedHistory(torch.zeros(1, dtype=torch.float64))
    for value in values:
        history.insert(torch.tensor([value], dtype=torch.float64))
    assert history.values[0, : len(values)].tolist() == sorted(values)
    quantile = history.quantile(torch.tensor([fraction], dtype=torch.float64)).item()
    assert quantile == pytest.approx(float(np.quantile(values, fraction)), rel=1e-12)


def test_the_last_layer_is_never_clipped_adaptively() -> None:
    flat = draw(1, scale=1e6)
    clipped = clip_once([Agc()], flat)
    assert torch.equal(clipped.flat[:, 9:], flat[:, 9:])
    assert (clipped.flat[:, :9].abs() < flat[:, :9].abs()).all()


def test_units_whose_squares_overflow_are_clipped_to_their_fraction() -> None:
    flat = torch.full((1, LAYOUT.size), 1e30, dtype=torch.float32)
    clipped = clip_once([Agc(fraction=0.5)], flat)  # parameters are ones, two per unit
    norms = torch.linalg.vector_norm(clipped.flat[:, :6].unflatten(1, (3, 2)), dim=2)
    torch.testing.assert_close(norms, torch.full_like(norms, 0.5 * 2**0.5))


def test_a_tensor_without_gradient_in_the_warm_up_is_not_frozen() -> None:
    silent = draw(1)
    silent[:, :6] = 0
    rule = stack([AdaGC(warmup_steps=2)], silent)
    for step in range(2):
        rule.clip(gradients(silent, step))
    assert rule.clip(gradients(draw(1), 2)).applied().flat[:, :6].abs().max() > 0


def test_an_entry_that_was_always_zero_may_move() -> None:
    rule = stack([SpikeMomentumReset()], draw(1))
    silent = draw(1)
    silent[0, 0] = 0
    for step in range(5):
        rule.clip(gradients(silent, step))
    awake = draw(1)
    assert rule.clip(gradients(awake, 5)).applied().flat[0, 0] == awake[0, 0]


def test_moments_are_reset_on_schedule_and_the_rate_comes_back_slowly() -> None:
    rule = stack([SpikeMomentumReset(reset_every=10, warmup_steps=4), SpikeMomentumReset()], draw(2))
    clipped = [rule.clip(gradients(draw(2, step), step)).applied() for step in range(21)]
    resets = [step for step, result in enumerate(clipped) if result.reset is not None and result.reset[0]]
    assert resets == [10, 20]
    assert not any(result.reset[1] for result in clipped if result.reset is not None)
    rates = [result.rate[0].item() for result in clipped if result.rate is not None]
    assert rates[:10] == [1.0] * 10
    assert 0.01 < rates[10] < rates[11] < rates[12] < rates[13] < rates[14]
    assert rates[14:20] == pytest.approx([1.0] * 6)


def test_a_skipped_step_is_asked_to_be_left_out_and_a_usual_one_is_not() -> None:
    rule = stack([SkipStep(window=8)] * 2, draw(2))
    for step in range(8):
        usual = rule.clip(gradients(draw(2, step), step, loss=1 + 0.1 * (step % 3))).applied()
        assert usual.rate is not None
        assert usual.rate.tolist() == [1, 1]
    spiky = draw(2, 8)
    spiky[0] *= 1e6
    result = rule.clip(gradients(spiky, 8, loss=1.0)).applied()
    assert result.rate is not None
    assert result.rate.tolist() == [0, 1]
    assert result.flat[0].abs().max() == 0
    assert torch.equal(result.flat[1], spiky[1])


def test_a_rising_loss_alone_skips_the_step() -> None:
    rule = stack([SkipStep(window=8)], draw(1))
    for step in range(8):
        rule.clip(gradients(draw(1, 0), step, loss=1 + 0.1 * (step % 3)))
    result = rule.clip(gradients(draw(1, 0), 8, loss=100.0)).applied()
    assert result.rate is not None
    assert result.rate.tolist() == [0]
