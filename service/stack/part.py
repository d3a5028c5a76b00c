"""One part of the stack: a command under its guard, with its log."""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.errors import StackError
from service.stack import guard
from service.stack.leftovers import PART_VARIABLE


@dataclass(frozen=True)
class PartPlan:
    """How to start a part: its command, what to add to the environment, and how long it may take to end."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    grace_seconds: float = 10.0


class Part:
    """A running part. Its guard ends the whole process tree when this process dies, however it dies."""

    def __init__(self, plan: PartPlan, log_path: Path) -> None:
        self.plan = plan
        self.log_path = log_path
        self.num_starts = 0
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the part; its output is appended to its log."""
        self.num_starts += 1
        with self.log_path.open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", guard.__file__],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**self.plan.env, PART_VARIABLE: self.plan.name},
                start_new_session=True,
            )
        order = {"argv": list(self.plan.argv), "grace_seconds": self.plan.grace_seconds}
        assert self._guard.stdin is not None
        try:
            self._guard.stdin.write(json.dumps(order).encode() + b"\n")
            self._guard.stdin.flush()
        except BrokenPipeError as error:
            raise StackError(f"{self.plan.name} could not be started; see {self.log_path}") from error

    @property
    def pid(self) -> int | None:
        """Process id of the guard, the root of the part's process tree; None before the start."""
        return self._guard.pid if self._guard else None

    @property
    def exit_code(self) -> int | None:
        """How the part ended; None while it runs."""
        return self._guard.poll() if self._guard else None

    def ask_to_stop(self) -> None:
        """Tell the guard to end the tree, without waiting."""
        if self._guard and self._guard.stdin and not self._guard.stdin.closed:
            try:
                self._guard.stdin.close()
            except BrokenPipeError:
                return

    def wait(self) -> None:
        """Wait until the tree has ended. The guard kills what does not end in its grace, so this returns."""
        if self._guard:
            self._guard.wait()
            self.ask_to_stop()

    def log_tail(self, num_lines: int = 15) -> str:
        """The last lines of the log, for an error message."""
        with self.log_path.open(errors="replace") as log:
            return "".join(deque(log, maxlen=num_lines)).rstrip()
