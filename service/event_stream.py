"""A sweep's events as a stream: what the ledger has, then what comes, until the report is there."""

import json
import time
from collections.abc import AsyncIterator

import anyio
from anyio.to_thread import run_sync
from sse_starlette import ServerSentEvent

from service.numbers import finite_json
from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED, Event, Sweep

BATCH = 500
REPORT_READY = "report.ready"
QUEUED = "sweep.queued"
"""Told when a sweep is submitted, resumed and extended: another report is to come."""


class EventFeed:
    """The events of one sweep from one reader's point of view, in order, each once."""

    def __init__(self, ledger: Ledger, sweep_id: str, after: int, report_wait_seconds: float) -> None:
        """Starts after event `after`; the report is waited for at most so long after the sweep's end."""
        self._ledger = ledger
        self._sweep_id = sweep_id
        self._after = after
        self._report_wait_seconds = report_wait_seconds
        self._report_seen = self._last(REPORT_READY) > self._last(QUEUED)

    def next_batch(self) -> list[Event] | None:
        """Events that are new since the last call; None when nothing more is to come."""
        sweep = self._ledger.get_sweep(self._sweep_id)
        batch = self._ledger.events(self._sweep_id, self._after, BATCH)
        for event in batch:
            self._after = event.id
            if event.type in (REPORT_READY, QUEUED):
                self._report_seen = event.type == REPORT_READY
        return None if not batch and self._is_over(sweep) else batch

    def _last(self, type: str) -> int:
        """The last event of a type that the reader has seen; 0 for none."""
        told = self._ledger.events(self._sweep_id, type=type)
        return max((event.id for event in told if event.id <= self._after), default=0)

    def _is_over(self, sweep: Sweep) -> bool:
        if sweep.status not in ENDED:
            return False
        if sweep.num_ended == 0:  # nobody writes a report about nothing
            return True
        return self._report_seen or time.time() - (sweep.ended_at or 0) > self._report_wait_seconds


async def stream(feed: EventFeed, first: list[Event], poll_seconds: float) -> AsyncIterator[ServerSentEvent]:
    """The batch `first` and all that follow, as server-sent events."""
    batch: list[Event] | None = first
    while batch is not None:
        for event in batch:
            yield as_sse(event)
        if not batch:
            await anyio.sleep(poll_seconds)
        batch = await run_sync(feed.next_batch)


def as_sse(event: Event) -> ServerSentEvent:
    """One ledger event as a server-sent one; its id is what Last-Event-ID names."""
    data = {"sweep_id": event.sweep_id, "at": event.at, **event.data}
    text = json.dumps(finite_json(data), allow_nan=False, separators=(",", ":"))
    return ServerSentEvent(text, event=event.type, id=str(event.id))
