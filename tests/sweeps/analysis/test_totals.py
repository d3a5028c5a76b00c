"""What ended, what failed, what is missing."""

from sweeps.analysis.observation import observe_all
from sweeps.analysis.totals import MOST_FAILURES, count_all
from tests.sweeps.analysis.trials import cell_rows, make_row


def test_failed_trials_are_named_as_left_out() -> None:
    found = count_all(observe_all(cell_rows({0.1: ["stable", "failed"]})), None)
    assert found.num_failed == 1
    assert "1 failed trial is left out" in found.text()


def test_a_sweep_that_was_cut_short_says_so() -> None:
    found = count_all(observe_all(cell_rows({0.1: ["stable"]})), num_planned=8)
    assert found.num_missing == 7
    assert "1 of 8 trials" in found.text()
    assert "may change" in found.text()


def test_failures_with_the_same_last_line_are_one() -> None:
    rows = [make_row(n, 0.1, "failed", error=f"Traceback\n  line {n}\nValueError: no") for n in range(3)]
    (failure,) = count_all(observe_all(rows), None).failures
    assert (failure.message, failure.count, failure.trials) == ("ValueError: no", 3, (0, 1, 2))


def test_only_the_most_frequent_failures_are_kept() -> None:
    rows = [make_row(n, 0.1, "failed", error=f"Error {n}") for n in range(MOST_FAILURES + 5)]
    assert len(count_all(observe_all(rows), None).failures) == MOST_FAILURES


def test_a_failure_without_a_message_is_still_shown() -> None:
    (failure,) = count_all(observe_all([make_row(0, 0.1, "failed")]), None).failures
    assert failure.message == "no message was recorded"
