"""What was looked for in the ledger and not found, for as long as it cannot be found."""

import time
from collections.abc import Callable, Hashable

FOREVER = float("inf")


class Stillness:
    """Remembers that a look found nothing, and at which version of the database.

    Until somebody commits, or a given time comes, another look would find nothing either. The version is read
    before the look. A version of None is a database that does not tell: every look is worth it then.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._found_nothing: tuple[int, Hashable, float] | None = None

    def holds(self, version: int | None, of: Hashable = None) -> bool:
        """Whether a look for `of` would find nothing."""
        if version is None or self._found_nothing is None:
            return False
        known_version, known_of, until = self._found_nothing
        return (known_version, known_of) == (version, of) and self._clock() < until

    def found_nothing(self, version: int | None, of: Hashable = None, until: float | None = None) -> None:
        """A look at `version` found nothing, and before `until` none will unless somebody writes."""
        if version is not None:
            self._found_nothing = version, of, FOREVER if until is None else until
