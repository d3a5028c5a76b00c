"""Runs one command and answers for its whole process tree.

The stack starts this file as a script of its own, one for each part. Whatever happens, no process of the
part outlives the stack: the guard adopts orphans (Linux), and ends the whole tree when the command ends,
when it is told to, or when the pipe on its standard input closes because the stack's process is gone.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LEFTOVER_GRACE_SECONDS = 2.0


def main() -> int:
    """Read `{"argv": […], "grace_seconds": s}` from standard input, run it, return its exit code."""
    order = json.loads(sys.stdin.buffer.readline())
    wake = _wake_on_signals()
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    command = subprocess.Popen(order["argv"], stdin=subprocess.DEVNULL, preexec_fn=_die_with_the_guard)
    code = _wait_for_end(command.pid, wake)
    if code is None:
        code = _ask_to_end(command.pid, order["grace_seconds"])
    _end_leftovers()
    return code


def _wake_on_signals() -> int:
    """A file descriptor that becomes readable when a child ended or somebody asks to stop."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _noted)
    return reader


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the wake-up descriptor carries the signal's number."""


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _die_with_the_guard() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_for_end(pid: int, wake: int) -> int | None:
    """The command's exit code once it ended, or None once the guard shall end it."""
    while True:
        readable, _, _ = select.select([0, wake], [], [])
        if 0 in readable and not os.read(0, 4096):
            return None
        if wake in readable:
            numbers = os.read(wake, 4096)
            code = _reap(pid)
            if code is not None:
                return code
            if any(number != signal.SIGCHLD for number in numbers):
                return None


def _reap(pid: int) -> int | None:
    """Collect every ended child, adopted ones too; the exit code of `pid` when it is among them."""
    code = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if ended == 0:
            return code
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)


def _ask_to_end(pid: int, grace_seconds: float) -> int:
    """Ask the command to end; its exit code, or -SIGKILL when it took longer than the grace."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline:
        code = _reap(pid)
        if code is not None:
            return code
        time.sleep(0.02)
    return -signal.SIGKILL


def _end_leftovers() -> None:
    """End what is left of the tree: politely first, then for good."""
    deadline = time.monotonic() + LEFTOVER_GRACE_SECONDS
    for process in psutil.Process().children(recursive=True):
        _signal(process, signal.SIGTERM)
    while leftovers := psutil.Process().children(recursive=True):
        if time.monotonic() > deadline:
            for process in leftovers:
                _signal(process, signal.SIGKILL)
        _reap(0)
        time.sleep(0.02)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    code = main()
    sys.exit(code if code >= 0 else 128 - code)
