import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainers.outcomes.runs import NUM_STEPS, falling, level, run
from trainers.outcomes import Ending, judge, stability_score
from trainers.outcomes.score import BANDS
from trainers.outcomes.smoothness import smoothness
from trainers.record import OUTCOMES, OutcomeName


@given(st.sampled_from(OUTCOMES), st.integers(1, NUM_STEPS), st.floats(0.0, 5.0))
def test_a_score_stays_in_the_band_of_its_outcome(outcome: OutcomeName, num_steps: int, noise: float) -> None:
    low, high = BANDS[outcome]
    assert low <= stability_score(run(falling(num_steps=num_steps, noise=noise)), outcome) <= high


def test_bands_follow_each_other_from_exploded_to_stable() -> None:
    bands = [BANDS[name] for name in reversed(OUTCOMES) if name != "failed"]
    assert bands[-1][1] == 1.0
    assert sorted(bands) == sorted(bands, key=lambda band: band[1])
    assert sorted(BANDS[name] for name in OUTCOMES)[0] == (0.0, 0.0)


def test_a_loss_that_only_falls_scores_one() -> None:
    calm = run(falling(noise=0.0))
    assert stability_score(calm, judge(calm).outcome) == pytest.approx(1.0)


def test_rougher_is_worse() -> None:
    scores = [smoothness(falling(noise=noise)) for noise in (0.0, 0.1, 0.5)]
    assert scores == sorted(scores, reverse=True)


def test_breaking_later_scores_higher() -> None:
    early, late = (run(falling()[:n], ending=Ending("exploded", n - 1)) for n in (10, 300))
    assert stability_score(early, "exploded") < stability_score(late, "exploded") < 0.1


def test_a_flat_loss_is_smooth_and_nan_is_not() -> None:
    assert smoothness(level(2.0, noise=0.0)) == 1.0
    assert smoothness(np.array([1.0, np.nan])) == 0.0
    assert smoothness(np.zeros(5)) == 1.0
