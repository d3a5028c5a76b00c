"""The parts of a stack together: started, brought back when they die, ended in order."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from service.errors import StackError
from service.stack.leftovers import kill_leftovers
from service.stack.part import Part, PartPlan

MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


class Parts:
    """Running parts that carry `stack_id` in their environment."""

    def __init__(self, stack_id: str, logs: Path, say: Callable[[str], None]) -> None:
        self._stack_id = stack_id
        self._logs = logs
        self._say = say
        self._parts: list[Part] = []
        self._restarts: dict[str, deque[float]] = {}

    def start(self, plans: Sequence[PartPlan]) -> None:
        """Start a part for each plan; the first, which the others may need to the end, ends last."""
        for plan in plans:
            part = Part(plan, self._logs / f"{plan.name}.log")
            self._parts.append(part)
            part.start()

    def check(self) -> None:
        """Raises `StackError` with the end of its log when a part has ended."""
        for part in self._parts:
            if part.exit_code is not None:
                raise StackError(_obituary(part))

    def supervise(self) -> None:
        """Start dead parts again, and say so. Raises `StackError` when one keeps dying."""
        for part in self._parts:
            if part.exit_code is None:
                continue
            self._count_restart(part)
            self._say(f"{part.plan.name} ended ({_ending(part.exit_code)}); starting it again")
            part.wait()
            kill_leftovers(self._stack_id, of_part=part.plan.name)
            part.start()

    def stop(self) -> None:
        """End every part, the first one last, and whatever else carries the stack's id."""
        if not self._parts:
            return
        first, *others = self._parts
        for group in (others, [first]):
            for part in group:
                part.ask_to_stop()
            for part in group:
                part.wait()
        self._parts = []
        kill_leftovers(self._stack_id)

    def _count_restart(self, part: Part) -> None:
        times = self._restarts.setdefault(part.plan.name, deque(maxlen=MAX_RESTARTS))
        now = time.monotonic()
        if len(times) == MAX_RESTARTS and now - times[0] < RESTART_WINDOW_SECONDS:
            raise StackError(f"{_obituary(part)}\nit keeps ending, so the stack gives up")
        times.append(now)


def _obituary(part: Part) -> str:
    ending = f"{part.plan.name} ended ({_ending(part.exit_code)})"
    return f"{ending}. The end of {part.log_path}:\n{part.log_tail()}"


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "still running"
    number = -exit_code if exit_code < 0 else exit_code - 128
    return f"signal {number}" if number > 0 else f"exit code {exit_code}"
