"""Waiting for something that happens elsewhere: in another thread, process or server."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 240.0
SECONDS_BETWEEN_LOOKS = 0.02


def until(condition: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """What `condition` gave last: something true, unless `seconds` went by before."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return found
