import numpy as np
import pytest

from trainers.statistics.curves import make_curves, window_maxima, window_means, window_p99
from trainers.statistics.series import StepSeries

STARTS = np.array([0, 3, 4])
TABLE = np.array([[1.0, 2.0, 3.0, np.inf, 5.0, np.nan, 7.0]])


def series(num_steps: int, **changes: np.ndarray) -> StepSeries:
    values = {name: np.arange(num_steps, dtype=float) for name in StepSeries.names()}
    return StepSeries(**values | changes)


def test_windows_average_their_finite_values() -> None:
    np.testing.assert_allclose(window_means(TABLE, STARTS), [[2.0, np.nan, 6.0]])


def test_windows_keep_their_largest_finite_value() -> None:
    np.testing.assert_allclose(window_maxima(TABLE, STARTS), [[3.0, np.nan, 7.0]])


def test_the_99th_percentile_is_a_value_of_the_window() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1000.0))
    assert window_p99(values, np.array([0])).tolist() == [989.0]
    np.testing.assert_allclose(window_p99(TABLE[0], STARTS), [3.0, np.nan, 7.0])


def test_a_spike_between_two_points_is_not_lost() -> None:
    loss = np.ones(100)
    loss[37] = 50.0
    curves = make_curves(
        series(100, loss=loss),
        loss > 2,
        np.array([49, 99]),
        lambda step: 0.1,
        {},
        ("a",),
        {"grad_norm": np.ones((2, 1))},
    )
    assert curves.scalars["train_loss_max"].tolist() == [50.0, 1.0]
    assert curves.scalars["spikes"].tolist() == [1.0, 0.0]
    assert curves.scalars["train_loss"][0] == pytest.approx(1.98)


def test_a_run_that_stopped_ends_with_a_shorter_window() -> None:
    curves = make_curves(
        series(7),
        np.zeros(7, bool),
        np.array([4, 9]),
        lambda step: step / 10,
        {4: {"eval_loss": 0.5}},
        (),
        {},
    )
    assert curves.steps.tolist() == [4, 6]
    np.testing.assert_allclose(curves.scalars["lr"], [0.4, 0.6])
    np.testing.assert_allclose(curves.scalars["eval_loss"], [0.5, np.nan])


def test_curves_hold_both_norms_under_names_that_say_which() -> None:
    curves = make_curves(
        series(4, grad_norm=np.full(4, 8.0), grad_norm_after=np.ones(4)),
        np.zeros(4, bool),
        np.array([3]),
        float,
        {},
        (),
        {},
    )
    assert curves.scalars["grad_norm"] == 8.0
    assert curves.scalars["grad_norm_after"] == 1.0
