"""Wilson's interval against scipy's, and at its ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from sweeps.analysis.intervals import Interval, wilson


@settings(max_examples=50)
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(counts: tuple[int, int]) -> None:
    hits, trials = counts
    expected = binomtest(hits, trials).proportion_ci(method="wilson")
    found = wilson(hits, trials)
    assert found.lo == pytest.approx(expected.low, abs=1e-12)
    assert found.hi == pytest.approx(expected.high, abs=1e-12)


def test_no_trials_say_nothing() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_two_stable_seeds_of_two_are_weak_evidence() -> None:
    found = wilson(2, 2)
    assert found.lo is not None
    assert 0.3 < found.lo < 0.4
    assert found.hi == 1.0


def test_an_open_end_is_written_as_open() -> None:
    assert Interval(None, 2.0).label() == "(…, 2]"
    assert Interval(0.5, None).label() == "[0.5, …)"
