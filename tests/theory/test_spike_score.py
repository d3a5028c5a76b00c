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
