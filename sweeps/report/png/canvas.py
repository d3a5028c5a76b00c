"""Matplotlib figures without its global state: nothing is shown, nothing is kept, threads do not meet."""

import io
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

DOTS_PER_INCH = 150
FEW_DECADES = 1000.0
"""Largest over smallest number of an axis whose powers of ten alone say enough."""
NO_DECADE = 5.0
"""Largest over smallest number of an axis on which 1, 2 and 5 would be too few ticks."""
TITLE_LETTERS = 42
"""A longer title of a panel goes on in the next line."""


def new_figure(width_inches: float, height_inches: float) -> Figure:
    """An empty figure that lays itself out."""
    return Figure(figsize=(width_inches, height_inches), layout="constrained")


def plain_axes(axes: Axes, title: str) -> None:
    """Axes with a grid behind the data, no box around it, and small labels."""
    axes.set_title(fill(title, TITLE_LETTERS), loc="left", fontsize=9)
    axes.grid(color="#e3e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7)


def log_ticks(axis: Axis) -> None:
    """Ticks of a logarithmic axis: powers of ten where it has several, else a few numbers written plainly.

    Laying out ticks between powers of ten would take half of a picture's time.
    """
    lo, hi = axis.get_view_interval()
    axis.set_minor_locator(NullLocator())
    if lo <= 0 or hi / lo >= FEW_DECADES:
        return
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)) if hi / lo >= NO_DECADE else MaxNLocator(5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))


def to_png(figure: Figure) -> bytes:
    """The figure as PNG bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, facecolor="white")
    return buffer.getvalue()
