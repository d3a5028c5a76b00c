"""Where the command prints: data to standard output, everything else to standard error."""

import json
from typing import Any

from rich.console import Console

out = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """A JSON document on standard output, for other programs to read."""
    out.file.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
