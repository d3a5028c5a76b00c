"""Finding processes of a stack that no guard answers for any more, after a guard itself was killed."""

import os
from collections.abc import Iterator

import psutil

STACK_ID_VARIABLE = "GRADSWEEP_STACK_ID"
PART_VARIABLE = "GRADSWEEP_STACK_PART"


def leftovers(stack_id: str, of_part: str | None = None) -> Iterator[psutil.Process]:
    """This user's processes, less this one, with `stack_id` in their environment; of one part, or of all."""
    for process in psutil.process_iter():
        try:
            environ = process.environ()
        except (psutil.Error, OSError):
            continue
        same_stack = process.pid != os.getpid() and environ.get(STACK_ID_VARIABLE) == stack_id
        if same_stack and of_part in (None, environ.get(PART_VARIABLE)):
            yield process


def kill_leftovers(stack_id: str, of_part: str | None = None) -> int:
    """Kill what is left of the stack `stack_id`, or of one part of it; how many processes that were."""
    found = list(leftovers(stack_id, of_part))
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, timeout=5)
    return len(found)
