"""Colours of a heat map."""

import numpy as np
import pytest

from sweeps.report.heat_map import NOT_FINITE, STOPS, ZERO, ColorScale

SCALE = ColorScale.of([np.array([[1e-3, 10.0]], np.float32)])


@pytest.mark.parametrize(
    ("value", "color"),
    [
        (1e-3, STOPS[0]),
        (10.0, STOPS[-1]),
        (1e-9, STOPS[0]),
        (1e9, STOPS[-1]),
        (0.0, ZERO),
        (float("nan"), NOT_FINITE),
        (float("inf"), NOT_FINITE),
    ],
)
def test_a_scale_ends_in_its_first_and_last_colour_and_so_does_what_lies_outside(
    value: float, color: str
) -> None:
    assert SCALE.color(value) == color


def test_a_scale_of_one_number_shows_its_middle() -> None:
    one = ColorScale.of([np.array([[2.0]], np.float32)])
    assert one.color(2.0) not in (STOPS[0], STOPS[-1])
