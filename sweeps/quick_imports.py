"""Imports for a process that starts with large libraries: without looking for garbage, and without extras."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


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


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Import here what makes use of these modules where they are installed, and can do without.

    An import of one of them fails meanwhile, as if it were not installed. Those that are there already stay.
    """
    hidden: dict[str, ModuleType | None] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
