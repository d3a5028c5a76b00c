"""Sweep ids: short, sortable by time of creation, safe in URLs and on a command line."""

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TIME_CHARACTERS = 9
"""45 bits of milliseconds last until the year 3084."""
RANDOM_CHARACTERS = 5
"""25 bits: two processes clash once in 33 million ids that they make in the same millisecond."""


class SweepIds:
    """Makes ids; those of one process grow strictly, whatever the clock does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_millisecond = 0

    def next(self) -> str:
        """A new id of 14 characters."""
        with self._lock:
            self._last_millisecond = max(self._last_millisecond + 1, time.time_ns() // 1_000_000)
            millisecond = self._last_millisecond
        chance = secrets.randbits(5 * RANDOM_CHARACTERS)
        return _base32(millisecond, TIME_CHARACTERS) + _base32(chance, RANDOM_CHARACTERS)


def _base32(number: int, length: int) -> str:
    digits = [ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length))]
    return "".join(digits)
