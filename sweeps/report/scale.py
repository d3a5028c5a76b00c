"""From numbers to pixels, and where the ticks go."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sweeps.analysis import number_label


@dataclass(frozen=True)
class Scale:
    """Maps [lo, hi] to [start, stop] in pixels, by logarithm where `is_log`."""

    lo: float
    hi: float
    start: float
    stop: float
    is_log: bool

    def __call__(self, value: float) -> float:
        """The pixel of a value, held inside the drawing."""
        value = min(max(value, self.lo), self.hi)
        lo, hi, at = (self._warp(number) for number in (self.lo, self.hi, value))
        return self.start + (self.stop - self.start) * ((at - lo) / (hi - lo) if hi > lo else 0.5)

    def ticks(self, most: int = 6) -> list[tuple[float, str]]:
        """Pixels and labels of round numbers: powers of ten, or 1, 2 and 5 times one."""
        values = self._log_ticks(most) if self.is_log else self._linear_ticks(most)
        return [(self(value), number_label(value)) for value in values]

    def _warp(self, value: float) -> float:
        return math.log10(value) if self.is_log else value

    def _log_ticks(self, most: int) -> list[float]:
        low, high = math.floor(math.log10(self.lo)), math.ceil(math.log10(self.hi))
        for multiples in ((1, 2, 5), (1, 3), (1,)):
            values = [m * 10.0**power for power in range(low, high + 1) for m in multiples]
            inside = [v for v in values if self.lo * 0.999 <= v <= self.hi * 1.001]
            if 2 <= len(inside) <= most:
                return inside
        powers = [10.0**power for power in range(low, high + 1)]
        inside = [v for v in powers if self.lo * 0.999 <= v <= self.hi * 1.001]
        return inside[:: math.ceil(len(inside) / most)] if inside else [self.lo, self.hi]

    def _linear_ticks(self, most: int) -> list[float]:
        if self.hi <= self.lo:
            return [self.lo]
        rough = (self.hi - self.lo) / max(most - 1, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next((m * power for m in (1, 2, 5) if m * power >= rough), 10 * power)
        first = math.ceil(self.lo / step - 1e-9)
        last = math.floor(self.hi / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


def log_scale(values: Iterable[float], start: float, stop: float, pad: float = 0.0) -> Scale:
    """A logarithmic scale around positive values, with `pad` of its length left free at each end."""
    found = [value for value in values if value > 0 and math.isfinite(value)]
    lo, hi = min(found, default=1.0), max(found, default=10.0)
    if hi / lo < 1.01:
        lo, hi = lo / 3, hi * 3
    room = (hi / lo) ** pad
    return Scale(lo / room, hi * room, start, stop, is_log=True)


def linear_scale(values: Iterable[float], start: float, stop: float, pad: float = 0.0) -> Scale:
    """A linear scale around values."""
    found = [value for value in values if math.isfinite(value)]
    lo, hi = min(found, default=0.0), max(found, default=1.0)
    if hi == lo:
        lo, hi = lo - 0.5, hi + 0.5
    room = (hi - lo) * pad
    return Scale(lo - room, hi + room, start, stop, is_log=False)
