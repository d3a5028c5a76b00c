"""The runner: claims queued sweeps and trains them on Ray. `python -m sweeps.runner` is one."""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from sweeps.quick_imports import quick_imports
from sweeps.runner_settings import RunnerSettings

logger = logging.getLogger("sweeps.runner")


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT: the sweep in progress goes back to the queue with what it has."""
    settings = RunnerSettings.from_argv(argv, os.environ)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("sweeps").setLevel(logging.INFO)
    stop = threading.Event()

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        logger.info("stopping on %s", signal.Signals(number).name)
        stop.set()

    def hear_signals() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)

    hear_signals()
    with quick_imports():  # here, so that a wrong option is told at once
        from sweeps.runner_driver import run_forever
    run_forever(settings, stop, hear_signals)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
