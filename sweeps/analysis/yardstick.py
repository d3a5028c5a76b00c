"""How far a setting lies from its edge: a factor, or a share of the range of an axis that is linear."""

from dataclasses import dataclass
from typing import Literal

from sweeps.analysis.labels import number_label

Side = Literal["below", "above"]

REQUIRED_FACTOR = 2.0
"""Factor that must lie between a recommended setting and its cell's edge."""

REQUIRED_SHARE = 0.1
"""The same on an axis that is not logarithmic, as a share of the range that was searched."""

LR_LABEL = "lr"


@dataclass(frozen=True)
class Yardstick:
    """Measures towards the edge along the axis `label`, on whose `stable` side training is stable.

    A margin is a factor where `span` is None, above 1 on the stable side. Else it is a share of `span`, the
    length of the range, above 0 on the stable side: there, a factor depends on where the axis has its zero.
    """

    label: str
    stable: Side = "below"
    span: float | None = None

    @property
    def required(self) -> float:
        """The margin that a recommended setting has at least."""
        return REQUIRED_FACTOR if self.span is None else REQUIRED_SHARE

    @property
    def at_edge(self) -> float:
        """The margin of a setting at the edge itself."""
        return 1.0 if self.span is None else 0.0

    @property
    def last_stable(self) -> str:
        """What an edge is called: the largest stable value, or the smallest."""
        return f"{'largest' if self.stable == 'below' else 'smallest'} stable {self.label}"

    def margin(self, last_stable: float, value: float) -> float:
        """From `value` to the last stable value of its cell."""
        low, high = (value, last_stable) if self.stable == "below" else (last_stable, value)
        return high / low if self.span is None else (high - low) / self.span

    def amount(self, margin: float) -> str:
        """A margin on the stable side, with its unit."""
        if self.span is None:
            return f"{number_label(margin)}×"
        return f"{number_label(100 * margin)} % of its range"

    def requirement(self, required: float) -> str:
        """What is asked of an edge."""
        return f"an {self._edge} at least {self.amount(required)} {self._towards(is_beyond=False)}"

    def distance(self, margin: float, *, is_open: bool) -> str:
        """Where the edge lies, seen from a setting; `is_open` where it lies beyond the range."""
        if margin == self.at_edge:
            return f"itself the {self.last_stable} tried"
        is_beyond = margin < self.at_edge
        least = "at least " if is_open and not is_beyond else ""
        return f"{self._edge} {least}{self.amount(self._size(margin))} {self._towards(is_beyond=is_beyond)}"

    def place(self, margin: float, *, is_open: bool) -> str:
        """Where a setting on the stable side lies, seen from its edge."""
        least = "at least " if is_open else ""
        return f"{least}{self.amount(margin)} {self.stable} its {self._edge}"

    def of_value(self, margin: float) -> str:
        """Where a value lies, seen from the last stable one."""
        if margin == self.at_edge:
            return "the same"
        inside, beyond = ("below", "above") if self.stable == "below" else ("above", "below")
        return f"{self.amount(self._size(margin))} {inside if margin > self.at_edge else beyond}"

    @property
    def _edge(self) -> str:
        return "edge" if self.label == LR_LABEL else f"edge along {self.label}"

    def _towards(self, *, is_beyond: bool) -> str:
        return "above" if (self.stable == "below") != is_beyond else "below"

    def _size(self, margin: float) -> float:
        """The margin, or, of a setting beyond the edge, how far beyond."""
        if margin >= self.at_edge:
            return margin
        return 1 / margin if self.span is None else -margin


LR_YARDSTICK = Yardstick(LR_LABEL)
"""From a learning rate up to the largest stable one."""
