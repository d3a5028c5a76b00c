"""What every test process starts from, however the tests were started."""

import os
import signal
import sys
from collections.abc import Generator

import pytest
from hypothesis import settings

from sweeps.quick_imports import quick_imports

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, one process for each processor
os.environ.pop("COLUMNS", None)  # a width that somebody's terminal left behind

# Some hundred processes import our modules: compiled by each of them anew they cost it a tenth of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Property tests draw the same examples in every run, and a slow machine fails none of them.
settings.register_profile("steady", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("steady")

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of whole stacks wait more than they compute."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no process is left alone with one of them in the end."""
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and the libraries stay to the end: no need to look for garbage among them."""
    with quick_imports():
        return (yield)
