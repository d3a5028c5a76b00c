"""The pages as HTML: what templates are given, and nothing that a browser would fetch elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sweeps.analysis.labels import number_label
from sweeps.analysis.points import SEVERITY
from sweeps.ledger.base import ENDED, Sweep
from sweeps.report.palette import PALETTE
from trainers.record import OutcomeName

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Only this server's own files: no inline script or style, wherever a name might carry one."""

BAR_WIDTH = 1000


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
        self._environment.filters |= {"iso": iso, "moment": moment, "short": number_label}
        self._environment.globals |= {
            "palette": PALETTE,
            "outcome_styles": outcome_styles(),
            "status_word": status_word,
            "shares": shares,
        }

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """The page from the template `name`."""
        return self._environment.get_template(name).render(values)


def palette_css() -> str:
    """A style for each outcome, for elements and for drawings."""
    return "".join(
        f".{name} {{ --outcome: {look.color}; --outcome-ink: {look.ink}; }}\n"
        for name, look in PALETTE.items()
    )


def outcome_styles() -> list[dict[str, str]]:
    """How the script draws outcomes, from harmless to worst: the worse one wins where equal."""
    return [
        {"name": name, "letter": PALETTE[name].letter, "color": PALETTE[name].color, "ink": PALETTE[name].ink}
        for name in SEVERITY
    ]


def status_word(sweep: Sweep) -> str:
    """The status, or what was asked for and has not happened yet."""
    if sweep.status in ENDED or sweep.status == "paused":
        return sweep.status
    if sweep.cancel_requested:
        return "cancelling"
    return "pausing" if sweep.pause_requested else sweep.status


def shares(sweep: Sweep) -> Iterator[tuple[OutcomeName, str, str]]:
    """The parts of a progress bar: outcome, where it begins and how wide it is, of `BAR_WIDTH`."""
    start = 0.0
    for outcome in PALETTE:
        width = BAR_WIDTH * sweep.outcomes.get(outcome, 0) / (sweep.num_trials or 1)
        yield outcome, f"{start:.2f}", f"{width:.2f}"
        start += width


def iso(seconds: float) -> str:
    """Unix seconds as a time in UTC that browsers understand."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(seconds: float) -> str:
    """Unix seconds as a date and a time of day in UTC, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
