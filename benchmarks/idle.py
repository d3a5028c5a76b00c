"""What a stack costs that nobody uses: start-up, memory and processor time. `python -m benchmarks.idle`.

Memory is given twice: resident sizes added up, in which what processes share counts for each of them, and
their proportional share, in which it counts once.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from service.stack.plans import StackOptions
from service.stack.stack import Stack

SETTLE_SECONDS = 10.0


def tree() -> list[psutil.Process]:
    """Every process below this one."""
    return psutil.Process().children(recursive=True)


def cpu_seconds() -> float:
    """Processor time that they have used."""
    return sum(sum(process.cpu_times()[:2]) for process in tree())


def main() -> None:
    """Start a stack, leave it alone, look at it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to watch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gs-idle-") as name:
        with Stack(StackOptions(Path(name), port=0, mlflow_port=0), print) as stack:
            print(f"ready after {stack.wait_until_ready():.1f} s")
            time.sleep(SETTLE_SECONDS)
            before, started = cpu_seconds(), time.monotonic()
            time.sleep(options.seconds)
            share = (cpu_seconds() - before) / (time.monotonic() - started)
            sizes = [process.memory_full_info() for process in tree()]
        resident = sum(size.rss for size in sizes) / 2**30
        proportional = sum(size.pss for size in sizes) / 2**30
    print(f"{len(sizes)} processes, {resident:.2f} GiB resident, {proportional:.2f} GiB proportional")
    print(f"{share:.1%} of a core over {options.seconds:.0f} s")


if __name__ == "__main__":
    main()
