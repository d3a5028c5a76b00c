"""A runner without servers: for one sweep on this machine that leaves nothing running."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.stack.leftovers import STACK_ID_VARIABLE
from service.stack.parts import Parts
from service.stack.plans import local_runner_plan
from service.stack.state import StateDir, lock_state


@contextmanager
def local_runner(state: StateDir, say: Callable[[str], None]) -> Iterator[Parts]:
    """A runner on the ledger of the state folder, writing straight to MLflow's store there.

    Raises `StackError` when a stack uses the folder.
    """
    stack_id = uuid.uuid4().hex
    environ = {**os.environ, STACK_ID_VARIABLE: stack_id}
    with lock_state(state):
        parts = Parts(stack_id, state.logs, say)
        try:
            parts.start([local_runner_plan(state, environ)])
            yield parts
        finally:
            parts.stop()
