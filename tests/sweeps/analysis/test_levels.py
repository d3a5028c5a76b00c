"""The values of an axis: listed, ordered, binned, absent."""

import pytest

from sweeps.analysis.levels import MOST_NUMBERS, NUM_BINS, make_axis


def test_numbers_are_listed_by_size() -> None:
    axis = make_axis("a", "a", [{"a": 3}, {"a": 1}, {"a": 2.5}])
    assert [level.label for level in axis.levels] == ["1", "2.5", "3"]
    assert axis.index({"a": 2.5}) == 1


def test_words_keep_the_order_of_the_spec() -> None:
    axis = make_axis("a", "a", [{"a": "x"}, {"a": "y"}], listed=["y", "x"])
    assert [level.label for level in axis.levels] == ["y", "x"]


def test_one_and_one_point_zero_are_one_level_but_true_is_not() -> None:
    axis = make_axis("a", "a", [{"a": 1}, {"a": 1.0}, {"a": True}])
    assert len(axis.levels) == 2


def test_a_mapping_is_one_level_however_its_keys_are_ordered() -> None:
    axis = make_axis("a", "a", [{"a": {"kind": "k", "x": 1}}, {"a": {"x": 1.0, "kind": "k"}}])
    assert len(axis.levels) == 1


def test_an_axis_that_some_trials_lack_has_an_absent_level() -> None:
    axis = make_axis("a", "a", [{"a": 1}, {}])
    assert axis.levels[axis.index({})].is_absent
    assert axis.levels[axis.index({"a": 1})].value == 1


def test_many_numbers_become_logarithmic_bins_that_hold_them_all() -> None:
    values = [10 ** (index / 20) for index in range(MOST_NUMBERS + 10)]
    axis = make_axis("a", "a", [{"a": value} for value in values])
    assert axis.is_binned
    assert axis.is_log
    assert len(axis.levels) == NUM_BINS
    for value in values:
        level = axis.levels[axis.index({"a": value})]
        assert level.lo is not None
        assert level.hi is not None
        assert level.lo <= value * (1 + 1e-9)
        assert value <= level.hi * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "is_log"), [([0.1, 1.0], True), ([1.0, 2.0], False), ([-1.0, 100.0], False)]
)
def test_numbers_over_a_decade_are_logarithmic(values: list[float], is_log: bool) -> None:
    assert make_axis("a", "a", [{"a": value} for value in values]).is_log is is_log
