"""Which sweeps are left alone for a while, because MLflow did not take them."""

import time
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class Backoff:
    """Remembers failures by key; each further one doubles the pause."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def failed(self, key: str) -> float:
        """Note a failure; the seconds for which `key` now rests."""
        self._failures[key] = self._failures.get(key, 0) + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (self._failures[key] - 1), LONGEST_PAUSE_SECONDS)
        self._until[key] = self._clock() + pause
        return pause

    def succeeded(self, key: str) -> None:
        """Forget earlier failures of `key`."""
        self._failures.pop(key, None)
        self._until.pop(key, None)

    def resting(self) -> set[str]:
        """Keys whose pause is not over."""
        now = self._clock()
        return {key for key, until in self._until.items() if until > now}
