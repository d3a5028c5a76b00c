"""Progress of a sweep in the terminal: a bar over running outcome counts, or plain lines in a file."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from service.cli.format import outcome_counts
from service.cli.summary import text_style
from service.client import Client, Json

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_MAPS = 2.0
NUM_OTHER_LINES = 4
BAR_WIDTH = 30


class Watch:
    """Shows how far a sweep is, and its map as it fills in; a context manager around the waiting."""

    def __init__(self, console: Console, num_trials: int, draw_map: Callable[[], str]) -> None:
        """`draw_map` gives the map of the trials so far; it is asked for now and then, on a terminal only."""
        self._console = console
        self._num_trials = num_trials
        self._draw_map = draw_map
        self._last_line_at = 0.0
        self._last_map_at = 0.0
        self._map = Text()
        self._counts = Text()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(BAR_WIDTH),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("waiting for a runner", total=num_trials)
        self._live = Live(self._progress, console=console)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.update(Group(self._progress, self._counts))
        self._live.stop()

    def plan(self, num_trials: int) -> None:
        """Expect so many trials by now: results may decide what is trained next."""
        self._num_trials = num_trials
        self._progress.update(self._task, total=num_trials)

    def say(self, stage: str) -> None:
        """Name what is going on."""
        self._progress.update(self._task, description=stage)
        if not self._console.is_terminal:
            self._console.print(stage)

    def update(self, num_ended: int, outcomes: Mapping[str, int]) -> None:
        """Show the trials that have ended."""
        counts = outcome_counts(outcomes)
        if self._console.is_terminal:
            self._progress.update(self._task, completed=num_ended)
            self._counts = Text.from_markup(counts)
            if num_ended:
                self._refresh_map()
            self._live.update(Group(self._progress, self._counts, self._map), refresh=True)
        else:
            self._line(f"{num_ended}/{self._num_trials} trials: {counts}", num_ended == self._num_trials)

    def _refresh_map(self) -> None:
        """Draw the map anew where there is room for it and the last one is old enough."""
        now = time.monotonic()
        if now - self._last_map_at < SECONDS_BETWEEN_MAPS:
            return
        self._last_map_at = now
        self._map = Text.from_ansi(_cropped(self._draw_map(), self._console.height - NUM_OTHER_LINES))

    def _line(self, text: str, is_last: bool) -> None:
        now = time.monotonic()
        if is_last or now - self._last_line_at >= SECONDS_BETWEEN_LINES:
            self._last_line_at = now
            self._console.print(text, soft_wrap=True)


def _cropped(text: str, num_lines: int) -> str:
    """As many panels of a map as there are lines for, below an empty one; nothing where not one fits."""
    panels = text.rstrip("\n").split("\n\n")
    shown: list[str] = []
    while panels and sum(panel.count("\n") + 2 for panel in [*shown, panels[0]]) < num_lines:
        shown.append(panels.pop(0))
    more = ["…"] if panels else []
    return "\n" + "\n\n".join([*shown, *more]) if shown else ""


def follow(client: Client, sweep: Json, console: Console) -> Json:
    """Show a sweep's progress until it has ended and its report is there; the sweep as it is then."""
    width, color = text_style(console)

    def draw_map() -> str:
        return client.summary(sweep["id"], width=width, color=color, map_only=True)

    with Watch(console, sweep["num_trials"], draw_map) as watch:
        for event in client.events(sweep["id"]):
            if event.type == "sweep.started":
                watch.say("training")
            elif event.type == "trials.planned":
                watch.plan(event.data["num_trials"])
            elif event.type == "trials.ended":
                watch.update(event.data["num_ended"], event.data["outcomes"])
            elif event.type == "sweep.ended":
                watch.say("writing the report")
    return client.sweep(sweep["id"])
