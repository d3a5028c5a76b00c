"""Worker processes for contestants that bring none: started, everything imported, one torch thread each."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from benchmarks.contestants.base import NUM_PROCESSES


@contextmanager
def warm_processes() -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes are ready."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(NUM_PROCESSES)
    with ProcessPoolExecutor(NUM_PROCESSES, spawn, initializer=_prepare, initargs=(barrier,)) as pool:
        for started in [pool.submit(int) for _ in range(NUM_PROCESSES)]:
            started.result()
        yield pool


def _prepare(barrier: "multiprocessing.synchronize.Barrier") -> None:
    import torch

    import benchmarks.mlflow_batch
    import benchmarks.plain_training  # noqa: F401 - so that no trial waits for it

    torch.set_num_threads(1)
    barrier.wait()
