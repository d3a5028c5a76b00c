import numpy as np
import pytest

from trainers.statistics.curves import make_curves, window_ends, window_maxima, window_means, window_p99
from trainers.statistics.series import StepSeries

STARTS = np.array([0, 3, 4])
TABLE = np.array([[1.0, 2.0, 3.0, np.inf, 5.0, np.nan, 7.0]])


def series(num_steps: int, **changes: np.ndarray) -> StepSeries:
    """Of one trial (1, n)."""
    values = {name: np.arange(num_steps, dtype=float) for name in StepSeries.names()} | changes
    return StepSeries(**{name: np.atleast_2d(array) for name, array in values.items()})


def test_windows_average_their_finite_values() -> None:
    np.testing.assert_allclose(window_means(TABLE, STARTS), [[2.0, np.nan, 6.0]])


def test_windows_keep_their_largest_finite_value() -> None:
    np.testing.assert_allclose(window_maxima(TABLE, STARTS), [[3.0, np.nan, 7.0]])


def test_the_99th_percentile_is_a_value_of_the_window() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1000.0))
    assert window_p99(np.stack([values, -values]), np.array([0])).tolist() == [[989.0], [-10.0]]
    np.testing.assert_allclose(window_p99(TABLE, STARTS), [[3.0, np.nan, 7.0]])


def test_a_spike_between_two_points_is_not_lost() -> None:
    loss = np.ones(100)
    loss[37] = 50.0
    [curves] = make_curves(
        series(100, loss=loss),
        loss[None] > 2,
        np.array([49, 99]),
        np.full((1, 2), 0.1),
        [{}],
        ("a",),
        {"grad_norm": np.ones((1, 2, 1))},
    )
    assert curves.scalars["train_loss_max"].tolist() == [50.0, 1.0]
    assert curves.scalars["spikes"].tolist() == [1.0, 0.0]
    assert curves.scalars["train_loss"][0] == pytest.approx(1.98)


def test_a_run_that_stopped_ends_with_a_shorter_window() -> None:
    [curves] = make_curves(
        series(7),
        np.zeros((1, 7), bool),
        window_ends(np.array([4, 9]), 7),
        np.array([[0.4, 0.6]]),
        [{4: {"eval_loss": 0.5}}],
        (),
        {},
    )
    assert curves.steps.tolist() == [4, 6]
    np.testing.assert_allclose(curves.scalars["lr"], [0.4, 0.6])
    np.testing.assert_allclose(curves.scalars["eval_loss"], [0.5, np.nan])


def test_curves_hold_both_norms_under_names_that_say_which() -> None:
    [curves] = make_curves(
        series(4, grad_norm=np.full(4, 8.0), grad_norm_after=np.ones(4)),
        np.zeros((1, 4), bool),
        np.array([3]),
        np.ones((1, 1)),
        [{}],
        (),
        {},
    )
    assert curves.scalars["grad_norm"] == 8.0
    assert curves.scalars["grad_norm_after"] == 1.0


def test_each_trial_has_its_own_metrics() -> None:
    early, late = make_curves(
        StepSeries(**{name: np.ones((2, 6)) for name in StepSeries.names()}),
        np.zeros((2, 6), bool),
        np.array([2, 5]),
        np.ones((2, 2)),
        [{}, {2: {"eval_loss": 0.5, "eval_accuracy": 0.9}, 5: {"eval_loss": 0.25, "eval_accuracy": 0.95}}],
        (),
        {},
    )
    assert "eval_accuracy" not in early.scalars
    assert np.isnan(early.scalars["eval_loss"]).all()
    assert late.scalars["eval_loss"].tolist() == [0.5, 0.25]
