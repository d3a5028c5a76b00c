"""Room for a sweep's workers, which a cluster may get a little later than the sweep."""

import time
from collections.abc import Callable

SECONDS_BETWEEN_LOOKS = 0.25


def wait_for_room(look: Callable[[], int], is_over: Callable[[], bool], seconds: float) -> int:
    """How many workers there is room for, as `look` says, as soon as it is for any.

    0 when it is for none after `seconds`, or when the wait `is_over` for another reason.
    """
    give_up_at = time.monotonic() + seconds
    while not (room := look()) and not is_over() and time.monotonic() < give_up_at:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return room
