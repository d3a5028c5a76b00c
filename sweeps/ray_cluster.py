"""The Ray cluster that a runner trains on: one of its own on this machine, or one that is there already."""

import logging
import os
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import ray

from sweeps.offspring import Offspring, children, wait_until_gone
from sweeps.runner_folder import OwnFolder

OBJECT_STORE_BYTES = 100 * 2**20
"""Results pass through in small pieces; Ray's default would take a third of the memory."""

MAX_WARM_WORKERS = 8
"""Idle worker processes kept ready; each holds torch in memory, and takes no processor time."""

SECONDS_TO_START_WORKERS = 0.3
SECONDS_TO_JOIN = 60.0
"""A cluster's machines may come up after its head, and after a sweep that was posted meanwhile."""
"""Enough for Ray to start a process for an actor, and too short for the process to become the actor."""

LONGEST_FOLDER = 30
"""A Unix socket's path has at most 107 characters; Ray appends 65 to its folder, whose name has 10."""

SPARED_SCRIPTS = ("monitor.py", "log_monitor.py", "dashboard.py")
"""What Ray starts with every cluster, without a switch in `ray.init`, and one machine has no use for.

An autoscaler; a reader of logs for drivers that print them; the rest of a dashboard, which reports usage.
They hold 170 MB and keep 0.9 % of a core busy.
"""

RAY_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_prestart_worker_first_driver": "0",  # one per processor, once: `warm` does it as often as needed
    "RAY_preload_python_modules": "sweeps.ray_preload",  # in every worker; a variable takes commas, not JSON
    # How long what a killed runner leaves looks for its cluster; 60. Ray's two agents take 60 all the same.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "10",
    # What idle processes do several times a second, less often or not at all: a third of their time.
    "RAY_memory_monitor_refresh_ms": "1000",
    "RAY_kill_idle_workers_interval_ms": "1000",
    "RAY_local_fs_monitor_interval_ms": "5000",
    "RAY_raylet_check_gc_period_milliseconds": "10000",
    "RAY_gcs_pull_resource_loads_period_milliseconds": "10000",  # for the autoscaler
    "RAY_task_events_report_interval_ms": "0",  # for Ray's list of tasks, as the next two for its statistics
    "RAY_event_stats": "0",
    "RAY_enable_metrics_collection": "0",
}
"""Read by the Ray processes that this process starts."""

TUNE_ENVIRONMENT = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # no CSV, JSON or TensorBoard file per pack
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # signals are the runner's
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the ledger is our state; Tune's own is never read
    "RAY_AIR_NEW_OUTPUT": "0",  # the other output engine draws a table even when told to be silent
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}
"""Read by Ray Tune in this process; some of it goes on to the workers, and tells theirs from others."""


@dataclass(frozen=True)
class ClusterOptions:
    """Which cluster: `address` of one that is there, or how much of this machine to use (None: all)."""

    folder: Path
    address: str | None = None
    num_cpus: int | None = None
    num_gpus: int | None = None


class RayCluster:
    """A connection to Ray, as a context; a cluster of our own has ended, with every process, when it has.

    Nothing else may start processes on other threads while the context is entered: they would end with it.
    """

    def __init__(self, options: ClusterOptions) -> None:
        self._options = options
        self._folder: OwnFolder | None = None
        self._offspring: Offspring | None = None

    def __enter__(self) -> Self:
        logging.getLogger("ray").setLevel(logging.ERROR)
        os.environ.update(TUNE_ENVIRONMENT)
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if self._options.address is not None:
            ray.init(address=self._options.address, **quiet)
            return self
        self._folder = OwnFolder(_short(self._options.folder))
        os.environ.update(RAY_ENVIRONMENT)
        # Members of the cluster show each other a token; Ray would keep one in the home folder.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        before = children()
        ray.init(
            address="local",
            num_cpus=self._options.num_cpus,
            num_gpus=self._options.num_gpus,
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            _temp_dir=str(self._folder.path),
            **quiet,
        )
        self._offspring = Offspring(before)
        self._offspring.end_scripts(SPARED_SCRIPTS)
        return self

    def __exit__(self, *_exception: object) -> None:
        members = [] if self._offspring is None else self._offspring.members()
        ray.shutdown()
        wait_until_gone(members)  # Ray asks its workers to end, and does not look whether they did
        if self._folder is not None:
            self._folder.remove()

    @property
    def seconds_to_join(self) -> float:
        """How long a sweep waits for a machine that has room for it; on one machine no other will come."""
        return 0.0 if self._options.address is None else SECONDS_TO_JOIN

    def num_workers(self, cpus: float, gpus: float) -> int:
        """How many workers of this size the cluster has room for."""
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        return sum(_fitting(node["Resources"], cpus, gpus) for node in nodes if node["Alive"])

    def warm(self) -> None:
        """Have idle worker processes started for the next sweep, without waiting for them.

        Ray starts a process for an actor; when the actor is killed before the process gets there, the process
        stays, unused, for whoever asks for one with the same runtime environment. So these ask as Tune does.
        """
        from ray.tune.execution.class_cache import _ActorClassCache

        cpus = 0 if self._options.address is None else 1  # a driver's own node in a cluster has no processors
        actor_class: Any = _ActorClassCache().get(_Nobody)  # type: ignore[no-untyped-call]
        nobody = actor_class.options(num_cpus=cpus, scheduling_strategy="SPREAD")
        waiting = [nobody.remote() for _ in range(min(self.num_workers(1, 0), MAX_WARM_WORKERS))]
        time.sleep(SECONDS_TO_START_WORKERS)
        for actor in waiting:
            ray.kill(actor)


def _short(folder: Path) -> Path:
    """The folder, or one for temporary files when its path is too long for Ray."""
    absolute = folder.absolute()
    return (
        absolute
        if len(str(absolute)) <= LONGEST_FOLDER
        else Path(tempfile.gettempdir(), f"gradsweep-{os.getuid()}")
    )


def _fitting(free: dict[str, float], cpus: float, gpus: float) -> int:
    by_cpu = int(free.get("CPU", 0) / cpus + 1e-9)
    return min(by_cpu, int(free.get("GPU", 0) / gpus + 1e-9)) if gpus else by_cpu


class _Nobody:
    """Does nothing."""
