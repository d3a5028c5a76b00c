"""Distances to an edge in the words of their axis."""

import pytest

from sweeps.analysis.yardstick import LR_YARDSTICK, Yardstick

BELOW, ABOVE = Yardstick("std"), Yardstick("width", "above")
SHARES = Yardstick("momentum", "below", span=2.0)


@pytest.mark.parametrize(
    ("yardstick", "value", "last_stable", "margin"),
    [
        (LR_YARDSTICK, 0.1, 0.4, 4.0), (LR_YARDSTICK, 0.8, 0.4, 0.5),
        (ABOVE, 64.0, 16.0, 4.0), (ABOVE, 8.0, 16.0, 0.5),
        (SHARES, 0.1, 0.5, 0.2), (SHARES, 0.9, 0.5, -0.2), (SHARES, 0.5, 0.5, 0.0),
    ],
)  # fmt: skip
def test_margins_grow_on_the_stable_side(
    yardstick: Yardstick, value: float, last_stable: float, margin: float
) -> None:
    assert yardstick.margin(last_stable, value) == pytest.approx(margin)


@pytest.mark.parametrize(
    ("yardstick", "margin", "words"),
    [
        (LR_YARDSTICK, 4.0, "edge 4× above"),
        (LR_YARDSTICK, 0.5, "edge 2× below"),
        (LR_YARDSTICK, 1.0, "itself the largest stable lr tried"),
        (BELOW, 4.0, "edge along std 4× above"),
        (ABOVE, 4.0, "edge along width 4× below"),
        (ABOVE, 0.5, "edge along width 2× above"),
        (ABOVE, 1.0, "itself the smallest stable width tried"),
        (SHARES, 0.2, "edge along momentum 20 % of its range above"),
        (SHARES, -0.2, "edge along momentum 20 % of its range below"),
        (SHARES, 0.0, "itself the largest stable momentum tried"),
    ],
)
def test_the_edge_is_placed_in_words(yardstick: Yardstick, margin: float, words: str) -> None:
    assert yardstick.distance(margin, is_open=False) == words


def test_an_open_edge_is_at_least_as_far() -> None:
    assert ABOVE.distance(4.0, is_open=True) == "edge along width at least 4× below"
    assert LR_YARDSTICK.place(4.0, is_open=True) == "at least 4× below its edge"
    assert ABOVE.place(4.0, is_open=False) == "4× above its edge along width"


def test_a_value_is_placed_beside_the_last_stable_one() -> None:
    assert [LR_YARDSTICK.of_value(margin) for margin in (4.0, 0.25, 1.0)] == [
        "4× below", "4× above", "the same",
    ]  # fmt: skip
    assert [ABOVE.of_value(margin) for margin in (4.0, 0.25)] == ["4× above", "4× below"]
