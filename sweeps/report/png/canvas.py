"""Matplotlib figures without its global state: nothing is shown, nothing is kept, threads do not meet."""

import io

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

DOTS_PER_INCH = 150
FEW_DECADES = 1000.0
"""Largest over smallest number of an axis whose powers of ten alone say enough."""


def new_figure(width_inches: float, height_inches: float) -> Figure:
    """An empty figure that lays itself out."""
    return Figure(figsize=(width_inches, height_inches), layout="constrained")


def plain_axes(axes: Axes, title: str) -> None:
    """Axes with a grid behind the data, no box around it, and small labels."""
    axes.set_title(title, loc="left", fontsize=9)
    axes.grid(color="#e3e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7)


def decades_only(axis: Axis) -> None:
    """No ticks between powers of ten, where the axis has several: laying them out takes half of the time."""
    lo, hi = axis.get_view_interval()
    if lo > 0 and hi / lo >= FEW_DECADES:
        axis.set_minor_locator(NullLocator())


def to_png(figure: Figure) -> bytes:
    """The figure as PNG bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, facecolor="white")
    return buffer.getvalue()
