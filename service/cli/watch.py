"""Progress of a sweep in the terminal: a bar over running outcome counts, or plain lines in a file."""

import time
from collections.abc import Mapping
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
from service.client import Client, Json

SECONDS_BETWEEN_LINES = 5.0
BAR_WIDTH = 30


class Watch:
    """Shows how far a sweep is; a context manager around the waiting."""

    def __init__(self, console: Console, num_trials: int) -> None:
        self._console = console
        self._num_trials = num_trials
        self._last_line_at = 0.0
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
        self._live.stop()

    def say(self, stage: str) -> None:
        """Name what is going on."""
        self._progress.update(self._task, description=stage)
        if not self._console.is_terminal:
            self._console.print(stage)

    def update(self, num_ended: int, outcomes: Mapping[str, int]) -> None:
        """Show the trials that have ended."""
        counts = outcome_counts(outcomes)
        self._progress.update(self._task, completed=num_ended)
        self._live.update(Group(self._progress, Text.from_markup(counts)))
        if not self._console.is_terminal:
            self._line(f"{num_ended}/{self._num_trials} trials: {counts}", num_ended == self._num_trials)

    def _line(self, text: str, is_last: bool) -> None:
        now = time.monotonic()
        if is_last or now - self._last_line_at >= SECONDS_BETWEEN_LINES:
            self._last_line_at = now
            self._console.print(text, soft_wrap=True)


def follow(client: Client, sweep: Json, console: Console) -> Json:
    """Show a sweep's progress until it has ended and its report is there; the sweep as it is then."""
    with Watch(console, sweep["num_trials"]) as watch:
        for event in client.events(sweep["id"]):
            if event.type == "sweep.started":
                watch.say("training")
            elif event.type == "trials.ended":
                watch.update(event.data["num_ended"], event.data["outcomes"])
            elif event.type == "sweep.ended":
                watch.say("writing the report")
    return client.sweep(sweep["id"])
