import math

import pytest

from sweeps.spec.scalars import read_scalar


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e-3", 0.001), ("1E5", 1e5), ("-.5", -0.5), ("5.", 5.0), ("+7", 7), ("007", 7), ("10_000", 10_000),
        ("0x1F", 31), ("0o17", 15), ("true", True), ("FALSE", False), ("~", None), ("", None), ("null", None),
    ],
)  # fmt: skip
def test_numbers_booleans_and_null_are_read_as_such(word: str, value: object) -> None:
    assert read_scalar(word) == value
    assert type(read_scalar(word)) is type(value)


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "none", "1:30", "2024-01-01", "1e", "e5", "_1", "1_"]
)
def test_words_that_older_yaml_takes_for_something_else_stay_words(word: str) -> None:
    assert read_scalar(word) == word


def test_a_number_too_large_to_hold_is_infinite_and_cheap_to_read() -> None:
    assert read_scalar("9" * 200_000) == math.inf
    assert read_scalar("1e999") == math.inf
    assert read_scalar("-.inf") == -math.inf
    assert math.isnan(float(read_scalar(".nan") or 0))
