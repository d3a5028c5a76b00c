"""The axis that a search for edges looked along, where it is another one than the learning rate."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.analysis.intervals import Interval
from sweeps.analysis.labels import axis_labels
from sweeps.analysis.observation import LR_PATH
from sweeps.analysis.yardstick import Side, Yardstick
from sweeps.search.edge import EdgeSearch
from sweeps.search.scale import Scale

if TYPE_CHECKING:
    from sweeps.spec import SweepSpec  # needs all kinds, which MLflow's mirror does without

SPREAD = 10.0
"""The range of the axis as the fit sees it, in logarithms; its answer does not depend on it."""


@dataclass(frozen=True)
class EdgeAxis:
    """An axis with edges, as positive places growing away from its stable side, as `find_edge` wants them."""

    path: str
    label: str
    stable: Side
    scale: Scale

    @classmethod
    def of(cls, spec: "SweepSpec") -> "EdgeAxis | None":
        """The axis of an edge search over another axis than the learning rate; None for every other sweep."""
        search = spec.search
        if not isinstance(search, EdgeSearch) or search.axis == LR_PATH:
            return None
        scale = Scale.of(spec.axes[search.axis])
        if scale is None:
            return None
        return cls(search.axis, axis_labels(spec.axes)[search.axis], search.stable, scale)

    @property
    def yardstick(self) -> Yardstick:
        """In factors on a logarithmic axis, else in shares of the range."""
        return Yardstick(self.label, self.stable, None if self.scale.is_log else self.scale.span or 1.0)

    def place(self, value: float) -> float:
        """Where a value lies."""
        share = self.scale.distance(self.scale.lo, value) / (self.scale.span or 1.0)
        return math.exp(SPREAD * (share if self.stable == "below" else -share))

    def value(self, place: float) -> float:
        """The value at a place, also beyond the ends of the range."""
        share = math.log(place) / SPREAD * (1 if self.stable == "below" else -1)
        distance = share * (self.scale.span or 1.0)
        return self.scale.lo * math.exp(distance) if self.scale.is_log else self.scale.lo + distance

    def interval(self, places: Interval) -> Interval:
        """An interval of places as one of values, the smaller end first."""
        lo, hi = (None if end is None else self.value(end) for end in (places.lo, places.hi))
        return Interval(lo, hi) if self.stable == "below" else Interval(hi, lo)
