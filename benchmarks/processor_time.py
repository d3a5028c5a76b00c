"""Processor time of a process tree, and of everything else on the machine meanwhile."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds used so far by this process with everything that it started, and by the whole machine."""

    ours: float
    everybody: float

    @classmethod
    def now(cls) -> "ProcessorTime":
        """Read the clocks. A process that has ended counts in the one that started it."""
        this = psutil.Process()
        return cls(sum(_used(process) for process in (this, *this.children(recursive=True))), _busy())

    def since(self, earlier: "ProcessorTime") -> "ProcessorTime":
        """What was used between two readings."""
        return ProcessorTime(self.ours - earlier.ours, self.everybody - earlier.everybody)

    @property
    def others(self) -> float:
        """Seconds that other programs used; clocks tick coarsely, so never less than none."""
        return max(0.0, self.everybody - self.ours)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _busy() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - _counted_twice(times)


def _counted_twice(times: object) -> float:
    """Linux counts the time of guests in that of users too."""
    return getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
