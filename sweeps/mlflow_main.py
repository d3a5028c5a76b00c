"""`python -m sweeps.mlflow_main`: a mirror in a process of its own.

Of its own, because MLflow's client takes a second to import and a share of a core while a sweep runs.
"""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from sweeps.ledger import open_ledger
from sweeps.mlflow_mirror import DEFAULT_EXPERIMENT, LEASE_SECONDS, open_mirror
from sweeps.mlflow_page import LivePages
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_uri import check_tracking_uri
from sweeps.quick_imports import quick_imports, without

NICENESS = 5
"""Training goes first: what the mirror does not do now it does when the cores are free."""
PARENT_CHECK_SECONDS = 1.0
OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""A batch is tens of thousands of short-lived tuples."""
SPARED = ("pandas", "pyarrow", "scipy")
"""What MLflow imports for data and models, if it is installed; its client needs none of it: 80 MB."""


def mirror_argv(
    ledger_url: str,
    tracking_uri: str,
    experiment_name: str = DEFAULT_EXPERIMENT,
    lease_seconds: float = LEASE_SECONDS,
) -> list[str]:
    """The command of a mirror that ends with its parent, for a process that starts one."""
    return [
        *(sys.executable, "-m", "sweeps.mlflow_main", "--exit-with-parent"),
        *("--ledger", ledger_url, "--mlflow", tracking_uri, "--experiment", experiment_name),
        *("--lease-seconds", str(lease_seconds)),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Mirror until SIGTERM or SIGINT; 0 when stopped so. Raises `TrackingUriError`, `LedgerUrlError`."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    check_tracking_uri(options.mlflow)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.exit_with_parent:
        threading.Thread(target=_stop_with_parent, args=(stop, os.getppid()), daemon=True).start()
    os.nice(NICENESS)
    ledger = open_ledger(options.ledger)
    store = TrackingStore.from_environment(os.environ)
    pages = LivePages.from_environment(os.environ)
    lease_seconds = options.lease_seconds
    with quick_imports(), without(*SPARED):  # MLflow comes with the mirror's sink
        mirror = open_mirror(
            ledger, options.mlflow, options.experiment, store=store, lease_seconds=lease_seconds, pages=pages
        )
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    mirror.run(stop)
    ledger.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sweeps.mlflow_main", description=__doc__)
    parser.add_argument("--ledger", required=True, help="URL of the ledger")
    parser.add_argument("--mlflow", required=True, help="tracking URI of MLflow")
    parser.add_argument("--experiment", default=DEFAULT_EXPERIMENT, help="experiment that gets the runs")
    parser.add_argument(
        "--lease-seconds",
        type=float,
        default=LEASE_SECONDS,
        help="how long the outbox is left alone when this mirror dies",
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when the parent process ends")
    return parser


def _stop_with_parent(stop: threading.Event, parent: int) -> None:
    while not stop.wait(PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    raise SystemExit(main())
