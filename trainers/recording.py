"""Work on an accelerator that is recorded once and then repeated, without launching it piece by piece."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

import torch

Work = Callable[[], None]


class NotRecordableError(Exception):
    """Work does not do the same thing every time, or asks the host on the way."""


class Recorder(Protocol):
    """Does work once and gives what repeats it, on the same memory.

    Raises `NotRecordableError`, and has done nothing on the device then.
    """

    def __call__(self, work: Work) -> Work:
        """Do `work`; calling what is given back does it again."""
        ...


class CudaGraphs:
    """Records CUDA graphs, each launched as one, whose hundreds of kernels would be launched one by one.

    All graphs of a process share the memory for what lives within a repetition: none of it is looked at
    between two.
    """

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._first = self._recorded(_something)  # torch forgets a pool when its last graph goes

    def __call__(self, work: Work) -> Work:
        """Record `work`, then do it."""
        graph = self._recorded(work)
        graph.replay()
        return graph.replay

    def _recorded(self, work: Work) -> torch.cuda.CUDAGraph:
        graph, current = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
        torch.cuda.synchronize()
        with torch.cuda.stream(self._stream):
            try:
                graph.capture_begin(self._pool, capture_error_mode="thread_local")
                work()
                graph.capture_end()
            except Exception as error:
                _give_up(graph)
                raise NotRecordableError(str(error)) from error
        current.wait_stream(self._stream)
        return graph


def _something() -> None:
    torch.zeros(1, device="cuda")


def _give_up(graph: torch.cuda.CUDAGraph) -> None:
    try:
        graph.capture_end()
    except RuntimeError:  # what went wrong had ended the recording already
        return


@cache
def _cuda_graphs() -> CudaGraphs:
    return CudaGraphs()


def recorder_for(device: str) -> Recorder | None:
    """How work on `device` is recorded; None where there is nothing to gain."""
    return _cuda_graphs() if device.startswith("cuda") else None
