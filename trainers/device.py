"""What the pack's loop must know about the machine it runs on."""

import os
from pathlib import Path

import torch

DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


def synchronize(device: str) -> None:
    """Wait until everything that was started on `device` is done, so that a clock reading means something."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def free_bytes(device: str) -> int:
    """Memory that a new allocation on `device` could get now; on the CPU within the container's limit."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    available = _meminfo_available()
    free = max(free, available)
    limit = _number(_CGROUP_LIMIT)
    return free if limit is None else max(0, min(free, limit - (_number(_CGROUP_USED) or 0)))


def share_of_machine(device: str) -> float:
    """The part of `device` that this process may take: half a GPU; of the CPU what its threads are of all."""
    if device.startswith("cuda"):
        return 0.5
    return min(1.0, torch.get_num_threads() / _num_processors())


def release(device: str) -> None:
    """Give memory that torch keeps for later back to `device`, after a failed allocation."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that an allocation failed, in the words of torch's allocators or Python's."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def _num_processors() -> int:
    """Processors that this process may run on."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _meminfo_available() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    fields = next((line.split() for line in lines if line.startswith("MemAvailable:")), ["", "0"])
    return int(fields[1]) * 1024


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
