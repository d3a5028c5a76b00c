"""What a runner does while no sweep waits."""

import time
from collections.abc import Callable

SECONDS_BEFORE_WARMING = 0.25


class Idleness:
    """A time without a sweep, in which workers are warmed for the next one, once and not at its beginning.

    A sweep that waits when the runner starts asks for workers of its own, and warm ones would only take the
    processor from them; and who started a runner for one sweep ends it soon after.
    """

    def __init__(self, warm: Callable[[], None], seconds: float = SECONDS_BEFORE_WARMING) -> None:
        self._warm: Callable[[], None] | None = warm
        self._at = time.monotonic() + seconds

    def goes_on(self) -> None:
        """There is still no sweep."""
        if self._warm is not None and time.monotonic() >= self._at:
            self._warm()
            self._warm = None
