"""Idle Ray worker processes for the next actors: gradsweep's runner has them, so others get them too."""

import contextlib
import time

import ray

from benchmarks.contestants.base import NUM_PROCESSES


def start_workers() -> None:
    """Ray starts a process for a task; cancelled before it gets there, the task leaves the process idle."""
    task = ray.remote(num_cpus=1, max_retries=0)(_nothing)
    waiting = [task.remote() for _ in range(NUM_PROCESSES)]
    time.sleep(0.1)
    for reference in waiting:
        with contextlib.suppress(ray.exceptions.RayError):
            ray.cancel(reference)


def _nothing() -> None:
    """Do nothing."""
