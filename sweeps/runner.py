"""The runner: claims queued sweeps and trains them on Ray. `python -m sweeps.runner` is one."""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import FrameType

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import ENDED, Sweep
from sweeps.ray_cluster import ClusterOptions, RayCluster
from sweeps.runner_mirror import MirrorProcess
from sweeps.runner_pulse import Pulse
from sweeps.runner_report import store_missing_reports, store_report
from sweeps.runner_settings import RunnerSettings
from sweeps.runner_sweep import ClaimedSweep, SweepContext

SECONDS_BETWEEN_LOOKS = 0.5
MIRROR_SECONDS = 60.0
"""How long a runner that ends after its work waits for MLflow to have everything."""

logger = logging.getLogger(__name__)

__all__ = ["RunnerSettings", "main", "run_forever"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT: the sweep in progress goes back to the queue with what it has."""
    settings = RunnerSettings.from_argv(argv, os.environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        logger.info("stopping on %s", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    run_forever(settings, stop)
    return 0


def run_forever(settings: RunnerSettings, stop: threading.Event) -> None:
    """Claim and train sweeps until `stop` is set, or until the queue is empty with `once`.

    Ray works on a thread of its own: on the main thread it would take over the handling of signals.
    Raises `LedgerUrlError`, and what breaks Ray itself.
    """
    ledger = _open(settings, stop)
    if ledger is None:
        return
    mirror = MirrorProcess(settings)
    with ThreadPoolExecutor(1, thread_name_prefix="ray") as executor:
        driving = executor.submit(_drive, settings, ledger, stop)
        try:
            _look_after(driving, mirror)
            if settings.once and not stop.is_set():
                mirror.wait_until_done(ledger, MIRROR_SECONDS)
        finally:
            stop.set()
            wait([driving])
            mirror.stop()
            ledger.close()


def _look_after(driving: Future[None], mirror: MirrorProcess) -> None:
    while not driving.done():
        mirror.keep_running()
        wait([driving], SECONDS_BETWEEN_LOOKS)
    driving.result()


def _open(settings: RunnerSettings, stop: threading.Event) -> Ledger | None:
    """The ledger, as soon as its database answers."""
    while not stop.is_set():
        try:
            return open_ledger(settings.ledger_url)
        except LedgerUnavailableError as error:
            logger.warning("%s; trying again", error)
            stop.wait(1.0)
    return None


def _drive(settings: RunnerSettings, ledger: Ledger, stop: threading.Event) -> None:
    folder = settings.state_dir / "ray"
    options = ClusterOptions(folder, settings.ray_address, settings.num_cpus, settings.num_gpus)
    with Pulse(ledger, settings.name) as pulse, RayCluster(options) as cluster:
        cluster.warm()
        context = SweepContext(
            ledger, cluster, pulse.runner_id, settings.lease_seconds, folder.absolute() / "tune", stop
        )
        store_missing_reports(ledger)
        logger.info("runner %s is ready", pulse.runner_id)
        while not stop.is_set():
            sweep = _claim(ledger, context)
            if sweep is not None:
                pulse.works_on(sweep.id)
                _run(sweep, context)
                pulse.works_on(None)
            elif settings.once:
                return
            else:
                stop.wait(settings.poll_seconds)


def _claim(ledger: Ledger, context: SweepContext) -> Sweep | None:
    try:
        return ledger.claim_sweep(context.runner_id, context.lease_seconds)
    except LedgerUnavailableError as error:
        logger.warning("%s; trying again", error)
        context.stop.wait(1.0)
        return None


def _run(sweep: Sweep, context: SweepContext) -> None:
    logger.info("sweep %s (%s): %d trials", sweep.id, sweep.name, sweep.num_trials - sweep.num_ended)
    status = ClaimedSweep(sweep, context).run()
    if not context.stop.is_set():
        context.cluster.warm()
    if status in ENDED:
        store_report(context.ledger, sweep.id)


if __name__ == "__main__":
    raise SystemExit(main())
