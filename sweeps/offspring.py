"""The processes that this one has started, and theirs, until they have really ended."""

import signal
import time
from collections.abc import Collection
from pathlib import Path

import psutil

SECONDS_TO_END = 3.0
"""How long they may take to end by themselves; Ray's workers take half a second once their node has gone."""

SECONDS_BETWEEN_LOOKS = 0.02


class Offspring:
    """What this process has started since it had the children `before`, with all that those start."""

    def __init__(self, before: Collection[psutil.Process]) -> None:
        self._children = set(children()).difference(before)

    def members(self) -> list[psutil.Process]:
        """Everyone alive. Ask while the children live: the processes of a dead one belong to nobody."""
        family = set(self._children)
        for child in self._children:
            try:
                family.update(child.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
        return [process for process in family if is_alive(process)]

    def end_scripts(self, names: Collection[str]) -> None:
        """End those children that run a Python script of such a name, and wait until they have ended."""
        found = [child for child in self._children if names_of_arguments(child) & set(names)]
        for child in found:
            _signal(child, signal.SIGKILL)
        wait_until_gone(found)


def names_of_arguments(process: psutil.Process) -> set[str]:
    """The last parts of the paths among its arguments; none when it has ended."""
    try:
        return {Path(argument).name for argument in process.cmdline()}
    except psutil.NoSuchProcess:
        return set()


def children() -> list[psutil.Process]:
    """The processes that this one has started."""
    return psutil.Process().children()


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that has ended may wait for its parent to take note of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(processes: Collection[psutil.Process], seconds: float = SECONDS_TO_END) -> None:
    """Return once none of them is alive; those that take longer than `seconds` are killed.

    Nobody's exit status is collected: it belongs to who started the process.
    """
    if not _gone(processes, seconds):
        for process in processes:
            _signal(process, signal.SIGKILL)
        _gone(processes, seconds)


def _gone(processes: Collection[psutil.Process], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return True


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
