"""A small chart: two axes with round ticks, curves, points and bands inside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sweeps.report.markup import el, join
from sweeps.report.palette import DASHES, SERIES
from sweeps.report.scale import Scale
from sweeps.report.svg import area, line, path, svg, text

WIDTH, HEIGHT = 350.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 10.0, 10.0, 40.0

XY = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """The frame of a chart: its scales and what its axes are called."""

    x: Scale
    y: Scale
    x_title: str
    y_title: str
    label: str

    def draw(self, *marks: Any) -> Markup:
        """The chart with what is drawn in it."""
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        x_ticks = [
            line(at, TOP, at, bottom, class_="grid") + text(at, bottom + 15, name, text_anchor="middle")
            for at, name in self.x.ticks(6)
        ]
        y_ticks = [
            line(LEFT, at, right, at, class_="grid") + text(LEFT - 6, at + 4, name, text_anchor="end")
            for at, name in self.y.ticks(6)
        ]
        titles = [
            text((LEFT + right) / 2, HEIGHT - 6, self.x_title, text_anchor="middle", class_="title"),
            text(
                12, (TOP + bottom) / 2, self.y_title, text_anchor="middle", class_="title",
                transform=f"rotate(-90 12 {(TOP + bottom) / 2:.0f})",
            ),
        ]  # fmt: skip
        return svg(WIDTH, HEIGHT, self.label, *x_ticks, *y_ticks, *titles, *marks)

    def curve(self, points: Sequence[XY], color: str, title: str = "", **attributes: Any) -> Markup:
        """A broken line, a dot where there is one point; `title` is what hovering says."""
        if len(points) == 1:
            return self.dots(points, color)
        drawn = path(self._places(points), stroke=color, **({"class_": "curve"} | attributes))
        return el("g", el("title", title), drawn) if title else drawn

    def dots(self, points: Sequence[XY], color: str, radius: float = 2.5) -> Markup:
        """A dot at each point."""
        return join(el("circle", cx=x, cy=y, r=radius, fill=color) for x, y in self._places(points))

    def band(self, upper: Sequence[XY], lower: Sequence[XY], color: str) -> Markup:
        """The area between two curves."""
        return area(self._places(upper), self._places(lower), fill=color, class_="area")

    def level(self, y: float, words: str) -> Markup:
        """A horizontal line at a value, with its meaning at the right end."""
        at = self.y(y)
        label = text(WIDTH - RIGHT - 2, at - 4, words, text_anchor="end", class_="note")
        return line(LEFT, at, WIDTH - RIGHT, at, class_="level") + label

    def moment(self, x: float, words: str) -> Markup:
        """A vertical line at a value, with its meaning at the top."""
        at = self.x(x)
        anchor = "end" if at > WIDTH * 0.6 else "start"
        label = text(at + (-4 if anchor == "end" else 4), TOP + 10, words, text_anchor=anchor, class_="note")
        return line(at, TOP, at, HEIGHT - BOTTOM, class_="level") + label

    def _places(self, points: Sequence[XY]) -> list[XY]:
        return [(self.x(x), self.y(y)) for x, y in points]


def series_color(index: int) -> str:
    """The colour of curve `index`."""
    return SERIES[index % len(SERIES)]


def series_dash(index: int) -> str | None:
    """Its dash pattern, which tells curves apart in print."""
    return DASHES[index % len(DASHES)] or None


def series_legend(labels: Sequence[str], shown: Collection[str] | None = None) -> Markup:
    """The names of curves with a piece of their line; of those `shown` only, where given."""
    items = [
        el(
            "li",
            el(
                "svg",
                line(0, 6, 26, 6, stroke=series_color(index), stroke_dasharray=series_dash(index)),
                viewBox="0 0 26 12", class_="key", aria_hidden="true",
            ),
            label,
        )
        for index, label in enumerate(labels)
        if shown is None or label in shown
    ]  # fmt: skip
    return el("ul", *items, class_="legend")


def small_multiples(charts: Sequence[tuple[str, Markup]]) -> Markup:
    """Charts side by side, each under its title."""
    return el("div", *(el("figure", el("h3", title), chart) for title, chart in charts), class_="multiples")
