"""Where the command prints: data to standard output, everything else to standard error."""

import json
import os
from typing import Any

from rich.console import Console

WIDTH_OF_A_FILE = 160
"""Columns where there is no terminal to ask: wide enough that lines stay whole for grep and logs."""


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_A_FILE
    return console


out = _console(stderr=False)
errors = _console(stderr=True)


def print_json(value: Any) -> None:
    """A JSON document on standard output, for other programs to read."""
    out.file.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
