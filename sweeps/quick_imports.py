"""Imports that are not searched for garbage, for a process that starts with large libraries."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import here what stays as long as the process.

    torch, Ray and MLflow make hundreds of thousands of objects of which none is garbage, and looking for it
    among them takes a fifth of the time of the import. They are left out of every later look as well.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
