"""Whose curves are shown."""

from sweeps.analysis import analyze
from sweeps.report import sample_numbers
from sweeps.report.sample import PER_OUTCOME
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_rows, grid_spec


def test_every_outcome_and_the_recommended_setting_are_in_the_sample() -> None:
    rows = grid_rows()
    analysis = grid_analysis()
    chosen = sample_numbers(rows, analysis)
    outcomes = {row.record.verdict.outcome for row in rows}
    assert {row.record.verdict.outcome for row in rows if row.number in chosen} == outcomes
    assert analysis.recommendation.best is not None
    assert set(analysis.recommendation.best.trials) <= set(chosen)
    assert len(chosen) <= len(outcomes) * PER_OUTCOME + 40


def test_the_sample_does_not_depend_on_the_order_of_trials() -> None:
    rows = grid_rows()
    analysis = grid_analysis()
    assert sample_numbers(rows, analysis) == sample_numbers(rows[::-1], analysis)


def test_failed_trials_have_no_curves_to_show() -> None:
    rows = cell_rows({0.1: ["failed"]})
    assert sample_numbers(rows, analyze(grid_spec(), rows)) == ()
