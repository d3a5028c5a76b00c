"""The file of results: every measurement, and the ratios that follow from them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measurement import Measurement

OURS = "gradsweep"


@dataclass(frozen=True)
class Spread:
    """The median of some numbers, the smallest and the largest, and how many they are."""

    median: float
    smallest: float
    largest: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises `ValueError` for no values."""
        return cls(median(values), min(values), max(values), len(values))


def seconds(measurements: Iterable[Measurement], case: str, contestant: str) -> dict[int, float]:
    """Wall seconds by round."""
    return {
        measured.round: measured.seconds
        for measured in measurements
        if (measured.case, measured.contestant) == (case, contestant)
    }


def ratio(measurements: Sequence[Measurement], case: str, contestant: str) -> Spread | None:
    """The contestant's wall time over gradsweep's, round by round; None when no round has both."""
    ours, theirs = seconds(measurements, case, OURS), seconds(measurements, case, contestant)
    both = [theirs[number] / ours[number] for number in sorted(ours.keys() & theirs.keys())]
    return Spread.of(both) if both else None


def ratios(measurements: Sequence[Measurement]) -> dict[str, dict[str, float]]:
    """The median ratio by case and contestant."""
    pairs = dict.fromkeys((measured.case, measured.contestant) for measured in measurements)
    table: dict[str, dict[str, float]] = {}
    for case, contestant in pairs:
        found = ratio(measurements, case, contestant)
        if contestant != OURS and found is not None:
            table.setdefault(case, {})[contestant] = round(found.median, 3)
    return table


def read(path: Path) -> list[Measurement]:
    """The measurements in a file; none when there is no file."""
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))["measurements"]
    return [Measurement(**{**row, "problems": tuple(row["problems"])}) for row in rows]


def merged(old: Iterable[Measurement], new: Iterable[Measurement]) -> list[Measurement]:
    """Both, in the order of rounds; of two measurements of the same turn the new one."""
    by_turn = {(m.round, m.case, m.contestant): m for m in (*old, *new)}
    return sorted(by_turn.values(), key=lambda m: (m.round, m.measured_at))


def document(measurements: Sequence[Measurement], machine: dict[str, Any]) -> dict[str, Any]:
    """What the file holds."""
    return {
        "machine": machine,
        "ratios": ratios(measurements),
        "measurements": [asdict(measured) for measured in measurements],
    }
