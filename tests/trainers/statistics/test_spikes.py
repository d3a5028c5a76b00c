import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from trainers.statistics.spikes import (
    ROUNDING,
    THRESHOLD,
    find_spikes,
    rolling_means,
    spike_score,
    spike_window,
    spikes,
)

WILD = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0 + 2e-6, 1.5, -3.0, 1e-9, 1e9, 1e200, np.nan, np.inf, -np.inf]),
    st.floats(-10, 10),
)


def is_spike(values: np.ndarray, step: int, window: int) -> bool:
    """The definition, for one value."""
    if not np.isfinite(values[step]) or step < window:
        return not np.isfinite(values[step])
    past = values[step - window : step]
    past = past[np.isfinite(past)]
    if not len(past):
        return False
    distance = abs(values[step] - past.mean())
    return bool(distance >= THRESHOLD * past.std() and distance > ROUNDING * abs(past.mean()))


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


@given(arrays.arrays(np.float64, (3, 40), elements=WILD), st.integers(2, 20))
def test_spikes_are_what_their_definition_says(values: np.ndarray, window: int) -> None:
    with np.errstate(all="ignore"):
        expected = [[is_spike(row, step, window) for step in range(40)] for row in values]
    np.testing.assert_array_equal(spikes(values, window), expected)


@pytest.mark.parametrize("seed", range(5))
def test_a_fall_over_many_orders_of_magnitude_hides_no_spike(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = 1e8 * np.exp(-np.arange(400) / 5) + 1 + 1e-4 * random.standard_normal(400)
    values[350] += 2e-3
    found = spikes(values)
    assert found[350]
    assert found.tolist() == [is_spike(values, step, spike_window(400)) for step in range(400)]


def test_series_together_have_the_spikes_that_each_has_alone() -> None:
    together = np.stack([noise(300, seed) for seed in range(4)])
    together[[0, 2, 3], [200, 250, 299]] += 1.0, -1.0, np.nan
    found = find_spikes(together)
    for up, down, score, values in zip(found.up, found.down, found.score, together, strict=True):
        assert np.array_equal(up, spikes(values, upward_only=True))
        assert np.array_equal(up | down, spikes(values))
        assert score == spike_score(values)
