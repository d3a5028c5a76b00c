"""`python -m benchmarks.turn ROUND CONTESTANT CASE=TRIALS …`: one contestant at several cases.

A process tree of its own. Prints a line of JSON for each case.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.contestants import load
from benchmarks.measurement import Turn, measure


def main(argv: Sequence[str]) -> None:
    """Start the contestant, measure it case by case, end it."""
    number, contestant, *orders = argv
    with tempfile.TemporaryDirectory(prefix="gs-bench-") as folder:
        begun = time.monotonic()
        with load(contestant)(Path(folder)) as train:
            turn = Turn(int(number), contestant, Path(folder), time.monotonic() - begun)
            for order in orders:
                name, num_timed = order.split("=")
                print(json.dumps(asdict(measure(turn, train, CASES[name], int(num_timed)))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
