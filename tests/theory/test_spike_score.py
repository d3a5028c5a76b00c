"""Three planted outliers in clean noise are the only spikes there."""

import numpy as np
import pytest

from trainers.statistics.spikes import spike_score

NOISE = 1 + 0.01 * np.random.default_rng(0).standard_normal(6000)


def test_clean_noise_scores_zero() -> None:
    assert spike_score(NOISE) == 0.0


def test_three_outliers_among_six_thousand_values_score_five_hundredths_of_a_percent() -> None:
    values = NOISE.copy()
    values[[1500, 3000, 4500]] += 1.0
    assert spike_score(values) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("steps", "score"), [([1000], 1 / 60), ([1500, 1501], 2 / 60), ([999], 0.0), ([], 0.0)]
)
def test_a_value_counts_from_the_first_full_window_on(steps: list[int], score: float) -> None:
    values = NOISE.copy()
    values[steps] += 1.0
    assert spike_score(values) == pytest.approx(score)


def test_the_score_does_not_see_level_scale_or_sign() -> None:
    values = NOISE.copy()
    values[[1500, 3000, 4500]] -= 1.0
    assert spike_score(values) == pytest.approx(0.05)
    assert spike_score(100 - 3 * values) == pytest.approx(0.05)


def test_a_slow_fall_has_no_spikes_and_hides_none() -> None:
    values = NOISE + np.linspace(3.0, 0.0, 6000)
    assert spike_score(values) == 0.0
    values[[2500, 5500]] += 3.0
    assert spike_score(values) == pytest.approx(2 / 60)


def test_six_deviations_are_no_spike_and_eight_are_one() -> None:
    values = NOISE.copy()
    for deviations, score in ((6.0, 0.0), (8.0, 1 / 60)):
        past = NOISE[2000:3000]
        values[3000] = past.mean() + deviations * past.std()
        assert spike_score(values) == pytest.approx(score)
