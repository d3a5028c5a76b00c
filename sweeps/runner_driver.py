"""A runner's work from its start to its end: Ray on a thread of its own, the queue, and the mirror beside."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import ENDED, Sweep
from sweeps.ray_cluster import ClusterOptions, RayCluster
from sweeps.ray_model import train_on_ray
from sweeps.runner_idleness import Idleness
from sweeps.runner_mirror import MirrorProcess
from sweeps.runner_model import store_missing_models, store_model
from sweeps.runner_pulse import Pulse
from sweeps.runner_report import store_missing_reports, store_report
from sweeps.runner_settings import RunnerSettings
from sweeps.runner_sweep import ClaimedSweep, SweepContext
from trainers.trial import PackTrial

if TYPE_CHECKING:
    from trainers.once import Trained

SECONDS_BETWEEN_LOOKS = 0.5
MIRROR_SECONDS = 60.0
"""How long a runner that ends after its work waits for MLflow to have everything."""

logger = logging.getLogger("sweeps.runner")


def run_forever(
    settings: RunnerSettings, stop: threading.Event, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Claim and train sweeps until `stop` is set, or until the queue is empty with `once`.

    Ray works on a thread of its own: Tune would take over the handling of signals on the main thread. Ray's
    core takes over SIGTERM from any thread, so `on_ready` is called, on this thread, once Ray has started.
    Raises `LedgerUrlError`, and what breaks Ray itself.
    """
    ledger = _open(settings, stop)
    if ledger is None:
        return
    mirror = MirrorProcess(settings)
    driver = Driver(settings, ledger, stop)
    with ThreadPoolExecutor(1, thread_name_prefix="ray") as executor:
        driving = executor.submit(driver.run)
        try:
            while not (driver.ready.wait(SECONDS_BETWEEN_LOOKS) or driving.done()):
                pass  # the mirror's start would only keep Ray from the processor
            on_ready()
            while not driving.done():
                mirror.keep_running()
                wait([driving], SECONDS_BETWEEN_LOOKS)
            driving.result()
            if settings.once and not stop.is_set():
                mirror.wait_until_done(ledger, MIRROR_SECONDS)
        finally:
            stop.set()
            wait([driving])
            mirror.stop()
            ledger.close()


def _open(settings: RunnerSettings, stop: threading.Event) -> Ledger | None:
    """The ledger, as soon as its database answers."""
    while not stop.is_set():
        try:
            return open_ledger(settings.ledger_url)
        except LedgerUnavailableError as error:
            logger.warning("%s; trying again", error)
            stop.wait(1.0)
    return None


class Driver:
    """Holds Ray, and works through the queue; `ready` is set once Ray has started."""

    def __init__(self, settings: RunnerSettings, ledger: Ledger, stop: threading.Event) -> None:
        self.ready = threading.Event()
        self._settings = settings
        self._ledger = ledger
        self._stop = stop

    def run(self) -> None:
        """Work until stopped, or until nothing waits with `once`."""
        settings, ledger = self._settings, self._ledger
        folder = settings.state_dir / "ray"
        options = ClusterOptions(folder, settings.ray_address, settings.num_cpus, settings.num_gpus)
        with RayCluster(options) as cluster, Pulse(ledger, settings.name) as pulse:
            self.ready.set()
            tune_folder = folder.absolute() / "tune"
            context = SweepContext(
                ledger, cluster, pulse.runner_id, settings.lease_seconds, tune_folder, self._stop
            )
            store_missing_reports(ledger)
            store_missing_models(ledger, self._train_once)
            logger.info("runner %s is ready", pulse.runner_id)
            self._work(context, pulse)

    def _work(self, context: SweepContext, pulse: Pulse) -> None:
        idle = Idleness(context.cluster.warm)
        while not self._stop.is_set():
            sweep = self._claim(context)
            if sweep is not None:
                pulse.works_on(sweep.id)
                self._train(sweep, context)
                pulse.works_on(None)
                idle = Idleness(context.cluster.warm)
            elif self._settings.once:
                return
            else:
                idle.goes_on()
                self._stop.wait(self._settings.poll_seconds)

    def _claim(self, context: SweepContext) -> Sweep | None:
        try:
            return self._ledger.claim_sweep(context.runner_id, context.lease_seconds)
        except LedgerUnavailableError as error:
            logger.warning("%s; trying again", error)
            self._stop.wait(1.0)
            return None

    def _train(self, sweep: Sweep, context: SweepContext) -> None:
        logger.info("sweep %s (%s): %d trials", sweep.id, sweep.name, sweep.num_trials - sweep.num_ended)
        status = ClaimedSweep(sweep, context).run()
        if status in ENDED:
            store_report(self._ledger, sweep.id)
            store_model(self._ledger, sweep.id, self._train_once)

    def _train_once(self, trial: PackTrial) -> Trained | None:
        return train_on_ray(trial, self._stop)
