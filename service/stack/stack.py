"""The stack: API, runners and MLflow server on this machine."""

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import httpx

from service.errors import StackError
from service.settings import DEFAULT_MLFLOW_PORT, DEFAULT_PORT
from service.stack.leftovers import kill_leftovers
from service.stack.part import PartPlan
from service.stack.parts import Parts
from service.stack.plans import StackContext, StackOptions, api_plan, mlflow_plan, runner_plan
from service.stack.ports import choose_port
from service.stack.state import StackInfo, StateDir, lock_state, read_info

START_TIMEOUT_SECONDS = 90.0
SECONDS_BETWEEN_LOOKS = 0.5


class Stack:
    """The whole of gradsweep on this machine; a context manager that leaves no process behind."""

    def __init__(self, options: StackOptions, say: Callable[[str], None]) -> None:
        """`say` is told in one line what a user should know, for example that a part was restarted."""
        self._options = options
        self._say = say
        self._undo = ExitStack()
        self._failure: StackError | None = None
        self.context: StackContext

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            state = StateDir.at(self._options.state_dir)
            undo.enter_context(lock_state(state))
            self._end_earlier(state)
            self.context = self._choose(state)
            self._parts = Parts(self.context.stack_id, state.logs, self._say)
            undo.callback(state.info_path.unlink, missing_ok=True)
            undo.callback(self._parts.stop)
            self._start()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()
        if self._failure:
            raise self._failure

    @property
    def api_url(self) -> str:
        """Where the API listens."""
        return self.context.api_url

    @property
    def mlflow_url(self) -> str:
        """Where MLflow listens."""
        return self.context.mlflow_url

    def wait_until_ready(self, timeout_seconds: float = START_TIMEOUT_SECONDS) -> float:
        """Wait until the API says that ledger, runner and MLflow are ready; the seconds that it took.

        Raises `StackError` with the end of the log when a part ends, or with what is not ready in time.
        """
        start = time.monotonic()
        reason: str | None = "the API does not answer"
        while time.monotonic() - start < timeout_seconds:
            self._parts.check()
            reason = self._not_ready(reason)
            if reason is None:
                return time.monotonic() - start
            time.sleep(0.1)
        raise StackError(
            f"not ready after {timeout_seconds:.0f} s: {reason}; logs are in {self.context.state.logs}"
        )

    def supervise(self) -> None:
        """Look after the parts once; raises `StackError` when one keeps dying."""
        self._parts.supervise()

    def supervise_in_background(self) -> None:
        """Look after the parts while this process does something else.

        When a part keeps dying, this process is asked to end as by SIGTERM, and leaving the stack raises why.
        """
        stopping = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(stopping,), daemon=True)
        self._undo.callback(watcher.join)
        self._undo.callback(stopping.set)
        watcher.start()

    def _watch(self, stopping: threading.Event) -> None:
        while not stopping.wait(SECONDS_BETWEEN_LOOKS):
            try:
                self.supervise()
            except StackError as error:
                self._failure = error
                signal.raise_signal(signal.SIGTERM)
                return

    def _not_ready(self, reason: str | None) -> str | None:
        """What is not ready; None when everything is."""
        try:
            answer = httpx.get(f"{self.api_url}/readyz", timeout=5)
            return None if answer.is_success else str(answer.json()["detail"])
        except (httpx.HTTPError, ValueError, KeyError):
            return reason

    def _end_earlier(self, state: StateDir) -> None:
        """End what is left of a stack on this folder that was killed together with its guards."""
        earlier = read_info(state.root)
        if earlier and (count := kill_leftovers(earlier.stack_id)):
            self._say(f"ended {count} process(es) left over from an earlier stack")

    def _choose(self, state: StateDir) -> StackContext:
        options = self._options
        port = choose_port(options.host, options.port, DEFAULT_PORT)
        mlflow_port = choose_port(options.host, options.mlflow_port, DEFAULT_MLFLOW_PORT)
        return StackContext(state, uuid.uuid4().hex, options.host, port, mlflow_port, dict(os.environ))

    def _start(self) -> None:
        """MLflow comes first, and so ends last: a runner that stops may still write to it."""
        context = self.context
        info = StackInfo(os.getpid(), context.stack_id, context.api_url, context.mlflow_url)
        context.state.write_info(info)
        runners = [runner_plan(context, number) for number in range(1, self._options.num_runners + 1)]
        plans: Sequence[PartPlan] = (mlflow_plan(context), *runners, api_plan(context))
        self._parts.start(plans)
