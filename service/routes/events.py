"""A sweep's events as they happen."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sse_starlette import EventSourceResponse

from service.dependencies import LedgerDep, SettingsDep, SweepDep
from service.event_stream import EventFeed, stream

router = APIRouter(prefix="/v1/sweeps/{sweep_id}/events", tags=["events"])
MAX_ID = 2**62
After = Annotated[
    int, Query(ge=0, le=MAX_ID, description="start after this event; Last-Event-ID goes before it")
]
LastEventId = Annotated[int | None, Header(ge=0, le=MAX_ID, description="id of the last event already seen")]


@router.get("", response_class=EventSourceResponse)
def get_events(
    sweep: SweepDep,
    ledger: LedgerDep,
    settings: SettingsDep,
    after: After = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Server-sent events: all since the beginning, or since Last-Event-ID, until the report is ready.

    204 when there is nothing left to come, which tells a browser not to connect again.
    """
    start = after if last_event_id is None else last_event_id
    feed = EventFeed(ledger, sweep.id, start, settings.report_wait_seconds)
    first = feed.next_batch()
    if first is None:
        return Response(status_code=204)
    events = stream(feed, first, settings.event_poll_seconds)
    return EventSourceResponse(events, ping=settings.event_ping_seconds)
