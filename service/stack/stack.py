"""The stack: starts the parts, waits until they are ready, brings dead ones back, ends them all."""

import os
import time
import uuid
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import IO, Self

import httpx

from service.errors import StackError
from service.settings import DEFAULT_MLFLOW_PORT, DEFAULT_PORT
from service.stack.leftovers import kill_leftovers
from service.stack.part import Part
from service.stack.plans import StackContext, StackOptions, api_plan, mlflow_plan, runner_plan
from service.stack.ports import choose_port
from service.stack.state import StackInfo, StateDir, lock_state, read_info

START_TIMEOUT_SECONDS = 90.0
MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


class Stack:
    """API, runners and MLflow server on this machine; a context manager that leaves no process behind."""

    def __init__(self, options: StackOptions, say: Callable[[str], None]) -> None:
        """`say` is told in one line what a user should know, for example that a part was restarted."""
        self._options = options
        self._say = say
        self._parts: list[Part] = []
        self._restarts: dict[str, deque[float]] = {}
        self._lock: IO[str] | None = None
        self.context: StackContext

    def __enter__(self) -> Self:
        state = StateDir.at(self._options.state_dir)
        self._lock = lock_state(state)
        try:
            self._end_earlier(state)
            self.context = self._choose(state)
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

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
        reason = "the API does not answer"
        while time.monotonic() - start < timeout_seconds:
            for part in self._parts:
                if part.exit_code is not None:
                    raise StackError(self._obituary(part))
            try:
                answer = httpx.get(f"{self.api_url}/readyz", timeout=5)
                if answer.status_code == 200:
                    return time.monotonic() - start
                reason = answer.json().get("detail", answer.text)
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.1)
        raise StackError(
            f"not ready after {timeout_seconds:.0f} s: {reason}; logs are in {self.context.state.logs}"
        )

    def supervise(self) -> None:
        """Look after the parts once: a dead one is reported and started again.

        Raises `StackError` when a part keeps dying.
        """
        for part in self._parts:
            if part.exit_code is None:
                continue
            self._count_restart(part)
            self._say(f"{part.plan.name} ended ({_ending(part.exit_code)}); starting it again")
            part.start()

    def stop(self) -> None:
        """End every part: those that write to MLflow before MLflow itself."""
        first = [part for part in self._parts if part.plan.name != "mlflow"]
        last = [part for part in self._parts if part.plan.name == "mlflow"]
        for group in (first, last):
            for part in group:
                part.ask_to_stop()
            for part in group:
                part.wait()
        if self._parts:
            kill_leftovers(self.context.stack_id)
            self.context.state.info_path.unlink(missing_ok=True)
        self._parts = []
        if self._lock:
            self._lock.close()

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
        context = self.context
        plans = [mlflow_plan(context), api_plan(context)]
        plans += [runner_plan(context, number) for number in range(1, self._options.num_runners + 1)]
        info = StackInfo(os.getpid(), context.stack_id, context.api_url, context.mlflow_url)
        context.state.write_info(info)
        for plan in plans:
            part = Part(plan, context.state.logs / f"{plan.name}.log")
            self._parts.append(part)
            part.start()

    def _count_restart(self, part: Part) -> None:
        times = self._restarts.setdefault(part.plan.name, deque(maxlen=MAX_RESTARTS))
        now = time.monotonic()
        if len(times) == MAX_RESTARTS and now - times[0] < RESTART_WINDOW_SECONDS:
            raise StackError(f"{self._obituary(part)}\nit keeps ending, so the stack gives up")
        times.append(now)

    def _obituary(self, part: Part) -> str:
        name, ending = part.plan.name, _ending(part.exit_code)
        return f"{name} ended ({ending}). The end of {part.log_path}:\n{part.log_tail()}"


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "still running"
    signal_number = -exit_code if exit_code < 0 else exit_code - 128
    return f"signal {signal_number}" if signal_number > 0 else f"exit code {exit_code}"
