"""The shapes that drawings are made of."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from sweeps.report.markup import el, pixels

WIDEST_UNSCROLLED = 600.0
"""Drawings wider than this scroll sideways on a phone, since their words would be too small to read."""


def svg(width: float, height: float, label: str, *children: Any) -> Markup:
    """A drawing that shrinks with its place; `label` is what a screen reader says."""
    size_class = "wide" if width > WIDEST_UNSCROLLED else None
    box = f"0 0 {pixels(width)} {pixels(height)}"
    return el(
        "svg", *children, viewBox=box, width=pixels(width), role="img", aria_label=label, class_=size_class
    )  # fmt: skip


def text(x: float, y: float, words: str, **attributes: Any) -> Markup:
    """Text at a point."""
    return el("text", words, x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Markup:
    """A straight line."""
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: Sequence[tuple[float, float]], **attributes: Any) -> Markup:
    """A broken line through points."""
    drawn = " L".join(f"{pixels(float(x))} {pixels(float(y))}" for x, y in points)
    return el("path", d=f"M{drawn}", fill="none", **attributes)


def area(
    upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], **attributes: Any
) -> Markup:
    """The area between two broken lines."""
    around = [*upper, *reversed(lower)]
    drawn = " L".join(f"{pixels(float(x))} {pixels(float(y))}" for x, y in around)
    return el("path", d=f"M{drawn}Z", **attributes)
