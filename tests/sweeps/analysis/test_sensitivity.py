"""LR sensitivity of a cell, with what is missing."""

import math

import pytest

from sweeps.analysis.observation import observe_all
from sweeps.analysis.sensitivity import cell_sensitivity
from tests.sweeps.analysis.trials import make_row


def test_a_cell_averages_its_seeds_and_gives_their_range() -> None:
    rows = [
        make_row(0, 0.1, loss=1.0, repeat=0), make_row(1, 0.1, loss=1.2, repeat=1),
        make_row(2, 1.0, "exploded", loss=None, repeat=0), make_row(3, 1.0, "stable", loss=2.0, repeat=1),
    ]  # fmt: skip
    found = cell_sensitivity(observe_all(rows))
    assert found is not None
    # ℓ₀ = 2.3: means (1.1, 2.15), best 1.1; single seeds (1.0, 2.3) and (1.2, 2.0).
    assert found.value == pytest.approx((1.1 + 2.15) / 2 - 1.1)
    assert found.lowest == pytest.approx(0.4)
    assert found.highest == pytest.approx(0.65)
    assert (found.best_lr, found.num_lrs) == (0.1, 2)


def test_an_exploded_trial_counts_as_initial_loss_even_with_an_earlier_finite_evaluation() -> None:
    rows = [make_row(0, 0.1, loss=1.0), make_row(1, 1.0, "exploded", loss=0.2)]
    found = cell_sensitivity(observe_all(rows))
    assert found is not None
    assert found.curve[1].capped_loss == 2.3


def test_failed_trials_are_left_out() -> None:
    rows = [make_row(0, 0.1, loss=1.0), make_row(1, 1.0, loss=2.0), make_row(2, 10.0, "failed", loss=None)]
    found = cell_sensitivity(observe_all(rows))
    assert found is not None
    assert found.num_lrs == 2


def test_one_lr_or_no_initial_loss_has_no_sensitivity() -> None:
    assert cell_sensitivity(observe_all([make_row(0, 0.1)])) is None
    rows = [make_row(0, 0.1, initial_loss=None), make_row(1, 1.0, initial_loss=None)]
    assert cell_sensitivity(observe_all(rows)) is None


def test_on_a_grid_every_learning_rate_counts_alike() -> None:
    rows = [make_row(n, lr, loss=loss) for n, (lr, loss) in enumerate([(0.1, 2.0), (0.3, 1.0), (1.0, 0.5)])]
    found = cell_sensitivity(observe_all(rows))
    assert found is not None
    assert not found.is_weighted
    assert found.value == pytest.approx(3.5 / 3 - 0.5)


def test_values_crowded_at_the_edge_count_no_more_than_the_stretch_they_cover() -> None:
    """ℓ falls evenly in ln lr from 2 at 0.01 to 1 at 1 and is 2.3 from there to 100, however sampled."""
    crowded = [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 1.01, 1.05, 1.1, 2.0, 10.0, 100.0]
    rows = [make_row(n, lr, loss=2.3 if lr > 1 else 1 - 0.5 * math.log10(lr)) for n, lr in enumerate(crowded)]
    found = cell_sensitivity(observe_all(rows))
    assert found is not None
    assert found.is_weighted
    plain = sum(point.capped_loss for point in found.curve) / len(crowded) - found.best_loss
    true = (1.5 + 2.3) / 2 - 1.0
    assert abs(found.value - true) < 0.1
    assert abs(plain - true) > abs(found.value - true)
    assert "each by the stretch it stands for" in found.text()
