import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.statistics.spikes import rolling_means, spike_score, spike_window, spikes


def noise(num_values: int, seed: int = 0) -> np.ndarray:
    return 1 + 0.01 * np.random.default_rng(seed).standard_normal(num_values)


def test_a_jump_is_a_spike_and_its_neighbours_are_not() -> None:
    values = noise(400)
    values[300] += 1.0
    assert np.flatnonzero(spikes(values)).tolist() == [300]


def test_falls_count_unless_only_rises_are_asked_for() -> None:
    values = noise(400)
    values[300] -= 1.0
    assert np.flatnonzero(spikes(values)).tolist() == [300]
    assert not spikes(values, upward_only=True).any()


def test_values_that_are_not_finite_are_spikes_and_spoil_no_mean() -> None:
    values = noise(400)
    values[[5, 200]] = np.nan, np.inf
    assert np.flatnonzero(spikes(values)).tolist() == [5, 200]


def test_a_constant_series_has_no_spikes_and_rounding_is_none() -> None:
    values = np.full(400, 2.0)
    values[350] *= 1 + 1e-8
    assert spike_score(values) == 0.0
    values[350] = 2.1
    assert spike_score(values) == pytest.approx(0.25)


@pytest.mark.parametrize("num_values", [0, 1, 15, 16])
def test_short_series_have_no_spikes(num_values: int) -> None:
    assert spike_score(noise(num_values)) == 0.0


def test_the_window_shrinks_with_the_run() -> None:
    assert [spike_window(n) for n in (20, 200, 4000, 10**6)] == [16, 50, 1000, 1000]


@given(st.floats(1e-3, 1e3), st.integers(0, 5))
def test_scale_does_not_matter(scale: float, seed: int) -> None:
    values = noise(300, seed)
    values[250] += 1.0
    np.testing.assert_array_equal(spikes(values), spikes(scale * values))


def test_rolling_means_are_means_of_windows() -> None:
    np.testing.assert_allclose(rolling_means(np.arange(6.0), 3), [1, 2, 3, 4])
