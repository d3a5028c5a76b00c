"""Colours and letters: all outcomes, told apart, readable."""

import re

import pytest

from sweeps.report.palette import DASHES, PALETTE, SERIES, legend, letter
from trainers.record import OUTCOMES, OutcomeName


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_outcome_has_a_style_in_the_order_of_outcomes() -> None:
    assert tuple(PALETTE) == OUTCOMES


def test_letters_and_colours_are_unique_in_both_cases() -> None:
    letters = [style.letter for style in PALETTE.values()]
    assert len({text.lower() for text in letters}) == len(letters)
    assert len({style.color for style in PALETTE.values()}) == len(PALETTE)
    assert len({style.ansi for style in PALETTE.values()}) == len(PALETTE)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_letter_is_readable_on_its_colour(name: OutcomeName) -> None:
    style = PALETTE[name]
    light, dark = sorted((luminance(style.color), luminance(style.ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_curves_have_as_many_dashes_as_colours() -> None:
    assert len(DASHES) == len(SERIES) == len(set(SERIES))
    assert all(re.fullmatch(r"#[0-9a-f]{6}", color) for color in SERIES)


def test_the_legend_names_every_outcome_by_its_letter() -> None:
    assert all(f"{PALETTE[name].letter} {name}" in legend() for name in OUTCOMES)
    assert letter(None) == "·"
