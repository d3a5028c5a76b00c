"""Short names for settings."""

import doctest
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps import labels
from sweeps.analysis.labels import LONGEST_LABEL, number_label, setting_label, unique_labels, value_label


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(labels).failed == 0


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({"kind": "value", "max_value": 0.1}, "value:0.1"),
        ({"kind": "adam", "betas": [0.9, 0.999]}, "adam(betas=0.9-0.999)"),
        ({"kind": "agc", "threshold": 0.01, "eps": 0.001}, "agc(threshold=0.01, eps=0.001)"),
        (["a", "b"], "[a, b]"),
        ([], "[]"),
        ({}, "{}"),
        (True, "true"),
        (1, "1"),
        (-3.0, "-3"),
        (1e-12, "1e-12"),
        (123456789, "1.23e8"),
        ("relu", "relu"),
    ],
)
def test_values_have_short_labels(value: object, label: str) -> None:
    assert value_label(value) == label


def test_a_long_value_is_cut_and_still_told_apart() -> None:
    values = [{"kind": "x" * 50, "a": 1}, {"kind": "x" * 50, "a": 2}]
    first, second = unique_labels(values)
    assert len(value_label(values[0])) == LONGEST_LABEL
    assert first != second


def test_numbers_that_round_alike_are_told_apart() -> None:
    assert len(set(unique_labels([0.10001, 0.10002]))) == 2


@settings(max_examples=50)
@given(st.floats(1e-30, 1e30))
def test_a_number_label_is_within_half_a_percent(number: float) -> None:
    assert math.isclose(float(number_label(number)), number, rel_tol=5.1e-3)


def test_a_setting_without_axes_is_the_only_one() -> None:
    assert setting_label({}) == "the only setting"
