"""The floor: plain torch, one trial after another in each of two warm processes, nothing kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.cases import Case, Setting
from benchmarks.contestants.base import Train
from benchmarks.contestants.processes import warm_processes
from benchmarks.plain_training import train_bare


@contextmanager
def contestant(folder: Path) -> Iterator[Train]:
    """Worker processes."""
    with warm_processes() as pool:

        def train(case: Case, settings: Sequence[Setting]) -> None:
            for scores in pool.map(partial(train_bare, case), settings):
                assert scores

        yield train
