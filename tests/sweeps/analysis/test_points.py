"""Tallies: counts, shares, majorities."""

from sweeps.analysis.observation import observe_all
from sweeps.analysis.points import SEVERITY, lr_points, tally
from tests.sweeps.analysis.trials import cell_rows
from trainers.record import OUTCOMES


def test_severity_ranks_every_outcome_once() -> None:
    assert sorted(SEVERITY) == sorted(OUTCOMES)


def test_failed_trials_are_counted_apart() -> None:
    found = tally(observe_all(cell_rows({0.1: ["stable", "failed", "exploded"]})))
    assert (found.num_trials, found.num_stable, found.num_failed) == (2, 1, 1)
    assert found.p_stable == 0.5
    assert "failed" not in found.counts


def test_of_equally_frequent_outcomes_the_worse_is_the_majority() -> None:
    assert tally(observe_all(cell_rows({0.1: ["stable", "exploded"]}))).majority == "exploded"
    assert tally(observe_all(cell_rows({0.1: ["stable", "stable", "exploded"]}))).majority == "stable"


def test_no_trials_have_no_share() -> None:
    found = tally([])
    assert found.p_stable is None
    assert found.majority is None


def test_objectives_are_averaged_over_seeds_with_a_finite_one() -> None:
    rows = [
        *cell_rows({0.1: ["stable"]}, loss=1.0), *cell_rows({0.1: ["stable"]}, loss=3.0),
        *cell_rows({0.1: ["exploded"]}, loss=None),
    ]  # fmt: skip
    (point,) = lr_points(observe_all(rows))
    assert (point.objective, point.objective_lo, point.objective_hi) == (2.0, 1.0, 3.0)
