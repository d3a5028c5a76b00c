"""A process that ends with this one, however this one ends."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.stack.leftovers import STACK_ID_VARIABLE
from service.stack.part import PartPlan
from service.stack.parts import Parts


@contextmanager
def guarded(name: str, argv: Sequence[str], env: Mapping[str, str], folder: Path) -> Iterator[Parts]:
    """Run a command in a process tree of its own; its log goes to `folder`. `check` says whether it runs."""
    stack_id = uuid.uuid4().hex
    parts = Parts(stack_id, folder, print)
    try:
        parts.start([PartPlan(name, argv, {**env, STACK_ID_VARIABLE: stack_id}, grace_seconds=15.0)])
        yield parts
    finally:
        parts.stop()
