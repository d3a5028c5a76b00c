"""The pages as HTML: what templates are given, and nothing that a browser would fetch elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sweeps.analysis.points import SEVERITY
from sweeps.report.palette import PALETTE
from trainers.record import OutcomeName

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)
"""Bars have their widths inline; everything else comes from this server's own files."""


class Renderer:
    """Fills the templates of this folder."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"iso": iso, "moment": moment}
        self._environment.globals |= {"palette": PALETTE, "mark_of": mark_of}

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """The page from the template `name`."""
        return self._environment.get_template(name).render(values)


def iso(seconds: float) -> str:
    """Unix seconds as a time in UTC that browsers understand."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(seconds: float) -> str:
    """Unix seconds as a date and a time of day in UTC, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True)
class Mark:
    """What stands in a cell of the map: majority outcome and letter; empty while nothing ended."""

    outcome: str
    letter: str


def mark_of(numbers: Sequence[int], found: Mapping[int, OutcomeName]) -> Mark:
    """The most frequent outcome of the trials `numbers`, the worse one where equal.

    The letter is a capital where all ended so, and small where only most did.
    """
    outcomes = [found[number] for number in numbers if number in found]
    if not outcomes:
        return Mark("", "")
    majority = max(outcomes, key=lambda name: (outcomes.count(name), SEVERITY.index(name)))
    letter = PALETTE[majority].letter
    return Mark(majority, letter if len(set(outcomes)) == 1 else letter.lower())
