"""Which constant answer is the baseline of the adding problem depends on its variant."""

import pytest

from trainers.data import Adding
from trainers.data.adding import CONSTANT_BASELINES, Variant

N = 100_000


@pytest.mark.parametrize(
    ("variant", "baseline"), [("sum", 1 / 6), ("half_sum", 1 / 24), ("symmetric", 2 / 3)]
)
def test_the_best_constant_scores_the_variance_of_the_target(variant: Variant, baseline: float) -> None:
    targets = Adding(variant=variant, length=10, n=N, num_eval=1).read().targets.double()
    scores = (targets - targets.mean()).square()
    standard_error = float(scores.std()) / N**0.5
    assert CONSTANT_BASELINES[variant] == baseline
    assert float(scores.mean()) == pytest.approx(baseline, abs=4 * standard_error)


def test_our_default_is_the_raw_sum_of_unit_numbers() -> None:
    assert CONSTANT_BASELINES[Adding().variant] == 1 / 6
