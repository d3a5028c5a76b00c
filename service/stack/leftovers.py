"""Finding processes of a stack that no guard answers for any more, after a guard itself was killed."""

import os
from collections.abc import Iterator

import psutil

STACK_ID_VARIABLE = "GRADSWEEP_STACK_ID"


def leftovers(stack_id: str) -> Iterator[psutil.Process]:
    """Processes of this user, other than this one, that carry `stack_id` in their environment."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(STACK_ID_VARIABLE) == stack_id:
                yield process
        except (psutil.Error, OSError):
            continue


def kill_leftovers(stack_id: str) -> int:
    """Kill what is left of the stack `stack_id`; how many processes that were."""
    found = list(leftovers(stack_id))
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, timeout=5)
    return len(found)
