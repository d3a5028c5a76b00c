"""Processor time of a process tree, and of everything else on the machine meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

SAMPLE_SECONDS = 0.5


class ProcessorTime:
    """Seconds of processor time since it began: `ours` of this process and all below it, and `others`.

    Processes are looked at again and again, because what one has used is lost when it ends: Ray's are not
    added to the time of those that started them. The last half second of a process is not seen.
    """

    def __init__(self) -> None:
        self._busy_before = _busy()
        self._before: dict[tuple[int, float], float] = {}
        self._used: dict[tuple[int, float], float] = {}
        self.sample()
        self._before = dict(self._used)
        self._busy_after = self._busy_before

    @property
    def ours(self) -> float:
        """Of this process tree."""
        return sum(used - self._before.get(key, 0.0) for key, used in self._used.items())

    @property
    def others(self) -> float:
        """Of other programs; clocks tick coarsely, so never less than none."""
        return max(0.0, self._busy_after - self._busy_before - self.ours)

    def sample(self) -> None:
        """Look at all processes once."""
        this = psutil.Process()
        for process in (this, *this.children(recursive=True)):
            try:
                times, key = process.cpu_times(), (process.pid, process.create_time())
            except psutil.Error:
                continue
            self._used[key] = times.user + times.system
        self._busy_after = _busy()


@contextmanager
def processor_time() -> Iterator[ProcessorTime]:
    """Measures until the end of the context."""
    used, ended = ProcessorTime(), threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            used.sample()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        ended.set()
        thread.join()
        used.sample()


def _busy() -> float:
    """Of the whole machine. Linux counts the time of guests in that of users too."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
