"""Values as words in the terminal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from service.pages.labels import duration_label

STYLES = {
    "stable": "green",
    "spiky": "yellow",
    "oscillating": "dark_orange",
    "stalled": "bright_black",
    "vanished": "magenta",
    "diverged": "red",
    "exploded": "bold red",
    "failed": "bold white on red",
    "queued": "dim",
    "running": "cyan",
    "paused": "yellow",
    "completed": "green",
    "cancelled": "bright_black",
}


def styled(word: str) -> str:
    """A status or an outcome in its colour."""
    style = STYLES.get(word)
    return f"[{style}]{word}[/]" if style else word


def outcome_counts(outcomes: Mapping[str, int]) -> str:
    """`12 stable, 3 exploded` in their colours, the harmless first."""
    known = [name for name in STYLES if outcomes.get(name)]
    return ", ".join(f"{outcomes[name]} {styled(name)}" for name in known)


def one_line(markup: str) -> Text:
    """Text that is cut, not wrapped, where a table has no room for it."""
    text = Text.from_markup(markup, overflow="ellipsis")
    text.no_wrap = True
    return text


def evidence_text(evidence: Mapping[str, Any]) -> str:
    """The rule that fired, where, and its number against the threshold."""
    parts = [str(evidence["rule"])]
    if evidence["step"] is not None:
        parts.append(f"at step {evidence['step']}")
    if evidence["layer"]:
        parts.append(f"in {evidence['layer']}" + (f" ({evidence['phase']})" if evidence["phase"] else ""))
    text = " ".join(parts)
    if evidence["value"] is None or evidence["threshold"] is None:
        return text
    return f"{text}: {evidence['value']:.3g} against {evidence['threshold']:.3g}"


def when(stamp: str) -> str:
    """A time of an answer in this machine's time zone."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M:%S}"


def age(stamp: str) -> str:
    """How long ago a time of an answer was."""
    return f"{duration_label((datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds())} ago"
