"""What a contestant is."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.cases import Case, Setting

NUM_PROCESSES = 2
"""Every contestant trains in so many processes, with one thread each."""

Train = Callable[[Case, Sequence[Setting]], None]
"""Trains the settings; returns when everything about them is in MLflow."""

Contestant = Callable[[Path], AbstractContextManager[Train]]
"""Makes everything ready in a new folder, MLflow's data included (`mlflow.db`), and ends it on leaving."""
