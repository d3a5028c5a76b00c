"""A heat map of positive numbers on a logarithmic colour scale that every eye can order."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from sweeps.analysis import number_label
from sweeps.report.markup import el, join, pixels
from sweeps.report.svg import line, svg, text

STOPS = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")
"""Cividis (Nuñez et al. 2018), made to look alike with and without colour-vision deficiency."""

ROW, CHARACTER, TOP, BOTTOM, RIGHT = 20.0, 7.3, 20.0, 22.0, 10.0
WIDTH, BAR = 820.0, 120.0
NOT_FINITE = "#d1242f"
NUM_SHADES = 256
ZERO = "#000000"


@dataclass(frozen=True)
class ColorScale:
    """From numbers to colours by their logarithm, `lo` and `hi` being powers of ten."""

    lo: float
    hi: float

    @classmethod
    def of(cls, tables: Iterable[NDArray[np.float32]]) -> Self:
        """The scale that covers everything positive and finite in some tables."""
        logs = [math.log10(v) for table in tables for v in table.flat if math.isfinite(v) and v > 0]
        return cls(min(logs, default=0.0), max(logs, default=1.0))

    def color(self, value: float) -> str:
        """Red where the value is not finite, black where it is zero."""
        if not math.isfinite(value):
            return NOT_FINITE
        if value <= 0:
            return ZERO
        share = (math.log10(value) - self.lo) / (self.hi - self.lo) if self.hi > self.lo else 0.5
        return _SHADES[round(min(max(share, 0.0), 1.0) * (NUM_SHADES - 1))]


def heat_map(
    steps: Sequence[float],
    names: Sequence[str],
    values: Sequence[Sequence[float]],
    onset: float | None,
    label: str,
    scale: ColorScale,
) -> Markup:
    """Rows by name, columns by step; `values[column][row]`; `onset` is a step. `color_bar` explains it."""
    left = max(len(name) for name in (*names, "step")) * CHARACTER + 10
    height = TOP + ROW * len(names) + BOTTOM
    width = (WIDTH - left - RIGHT) / len(steps)
    tops = [(escape(name), pixels(TOP + row * ROW)) for row, name in enumerate(names)]
    columns = [(f"{step:.0f}", pixels(left + column * width)) for column, step in enumerate(steps)]
    size = f'width="{pixels(width + 0.3)}" height="{pixels(ROW - 1)}"'
    tiles = [  # hundreds of them in each trial's picture: written without a look at every attribute
        f'<rect x="{x}" y="{y}" {size} fill="{scale.color(value)}">'
        f"<title>{name}, step {step}: {_words(value)}</title></rect>"
        for (step, x), found in zip(columns, values, strict=True)
        for (name, y), value in zip(tops, found, strict=True)
    ]
    rows = [text(left - 6, TOP + ROW * (i + 0.65), name, text_anchor="end") for i, name in enumerate(names)]
    axis = _step_axis(steps, left, width, TOP + ROW * len(names))
    mark = [] if onset is None else [_onset(steps, onset, left, width, TOP + ROW * len(names))]
    return svg(WIDTH, height, label, Markup("".join(tiles)), *rows, axis, *mark)


def color_bar(scale: ColorScale) -> Markup:
    """What the colours of heat maps with this scale mean."""
    parts = [
        el("rect", x=BAR * i / 24, y=2, width=BAR / 24 + 0.3, height=10, fill=_mix(i / 23)) for i in range(24)
    ]
    ends = f"{number_label(10**scale.lo)} to {number_label(10**scale.hi)}, black: zero, red: not finite"
    return svg(WIDTH / 2, 16, "colour scale", *parts, text(BAR + 8, 11, ends))


def _step_axis(steps: Sequence[float], left: float, width: float, bottom: float) -> Markup:
    every = max(len(steps) // 8, 1)
    shown = [(i, step) for i, step in enumerate(steps) if i % every == 0]
    numbers = [
        text(left + (i + 0.5) * width, bottom + 14, f"{step:.0f}", text_anchor="middle") for i, step in shown
    ]
    return join([text(left - 6, bottom + 14, "step", text_anchor="end", class_="title"), *numbers])


def _onset(steps: Sequence[float], onset: float, left: float, width: float, bottom: float) -> Markup:
    column = next((index for index, step in enumerate(steps) if step >= onset), len(steps) - 1)
    at = left + (column + 0.5) * width
    anchor = "end" if at > WIDTH / 2 else "start"
    label = text(at, TOP - 8, f"onset: step {onset:.0f}", text_anchor=anchor, class_="note")
    return line(at, TOP - 5, at, bottom, class_="onset") + label


def _mix(share: float) -> str:
    place = share * (len(STOPS) - 1)
    index = min(int(place), len(STOPS) - 2)
    low, high = (bytes.fromhex(stop[1:]) for stop in STOPS[index : index + 2])
    mixed = (round(a + (b - a) * (place - index)) for a, b in zip(low, high, strict=True))
    return f"#{bytes(mixed).hex()}"


_SHADES = tuple(_mix(shade / (NUM_SHADES - 1)) for shade in range(NUM_SHADES))


def _words(value: float) -> str:
    return number_label(value) if math.isfinite(value) else "not finite"
