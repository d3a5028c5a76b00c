"""One sweep on Ray Tune: a searcher hands out packs, a callback takes in what they report."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, cast

from ray import tune
from ray.tune.search import Searcher
from typing_extensions import override

from sweeps.plan_packs import PlannedPack, PlannedTrial
from sweeps.quick_imports import without
from sweeps.ray_pack import REPORT, PackTrainable
from sweeps.ray_stopping import scheduler_of
from sweeps.runner_queue import PackQueue
from sweeps.spec import Objective, Resources
from sweeps.spec.stopping import NO_STOPPING, StoppingConfig
from sweeps.worker_messages import PackOrder, PackReport
from trainers.trial import PackTrial


class PackSink(Protocol):
    """Where news of packs go, on the thread that called `run_sweep`."""

    def started(self, pack: PlannedPack) -> None:
        """A pack was handed out."""
        ...

    def reported(self, report: PackReport) -> None:
        """A worker sent what it has."""
        ...

    def lost(self, pack: PlannedPack, given_up: Sequence[PlannedTrial], reason: str) -> None:
        """A pack's worker is gone; `given_up` will not be tried again."""
        ...


@dataclass(frozen=True)
class SweepOrder:
    """What to run and with what: packs, what each worker holds, how many at once."""

    name: str
    queue: PackQueue
    resources: Resources
    objective: Objective
    num_workers: int
    stopping: StoppingConfig = NO_STOPPING


def run_sweep(order: SweepOrder, sink: PackSink, is_over: Callable[[], bool], folder: Path) -> None:
    """Train until `is_over` says that nothing more is wanted; what the sink raises is raised here.

    Ray must be initialised. `folder` takes Ray Tune's own files, which nobody reads.
    """
    _import_integrations()
    news = PackNews(order.queue, sink)
    tuner = tune.Tuner(
        PackTrainable,
        tune_config=tune.TuneConfig(
            metric="score",
            mode="min",
            search_alg=PackSearcher(order, news),
            scheduler=scheduler_of(order.stopping),
            num_samples=-1,
            max_concurrent_trials=order.num_workers,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: f"pack-{trial.config['pack']}-{trial.trial_id}",
        ),
        run_config=tune.RunConfig(
            name=order.name,
            storage_path=str(folder.resolve()),
            stop=StopWhen(lambda: news.failed or is_over()),
            callbacks=[news],
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            failure_config=tune.FailureConfig(max_failures=0),  # the queue hands lost packs out again
            verbose=0,
        ),
    )
    tuner.fit()
    news.raise_failure()


class Unsaved:
    """Base of what Tune would pickle in order to restore itself, which it never does here."""

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class PackSearcher(Unsaved, Searcher):
    """Suggests packs until the queue is finished; while packs are out there may be one to hand out again."""

    def __init__(self, order: SweepOrder, news: "PackNews") -> None:
        super().__init__(metric="score", mode="min")
        self._order = order
        self._news = news

    @override
    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The config of the next pack, None to be asked again, or FINISHED."""
        if self._order.queue.finished:
            return cast(dict[str, Any], Searcher.FINISHED)  # a word in place of a config
        pack = self._order.queue.take()
        if pack is None:
            return None
        self._news.handed_out(pack)
        return pack_config(pack, self._order.resources, self._order.objective, self._order.stopping)

    @override
    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Nothing to learn: packs report to the queue by the callback."""

    @override
    def save(self, checkpoint_path: str) -> None:
        """Keep no state: a sweep goes on from the ledger."""

    @override
    def restore(self, checkpoint_path: str) -> None:
        """Have no state to read back."""


class PackNews(Unsaved, tune.Callback):
    """Takes reports out of Tune's results, before they reach its state, and passes them on."""

    def __init__(self, queue: PackQueue, sink: PackSink) -> None:
        self._queue = queue
        self._sink = sink
        self._packs: dict[int, PlannedPack] = {}
        self._failure: Exception | None = None

    @property
    def failed(self) -> bool:
        """Whether the sink raised: nothing more will be passed on."""
        return self._failure is not None

    def raise_failure(self) -> None:
        """Raise what the sink raised."""
        if self._failure is not None:
            raise self._failure

    def handed_out(self, pack: PlannedPack) -> None:
        """A pack is about to go to a worker."""
        self._packs[pack.number] = pack
        self._pass_on(lambda: self._sink.started(pack))

    @override
    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        """A worker reported; the report leaves the result, which Tune keeps."""
        report: PackReport = result.pop(REPORT)
        if result.get("done") and report.record is None:
            report = report.stopped()  # by Tune's scheduler
        self._queue.ended([record.number for record in report.records])
        self._pass_on(lambda: self._sink.reported(report))
        if report.record is not None:
            self._packs.pop(report.pack, None)
            self._queue.done(report.pack)

    @override
    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A worker process is gone, or could not start."""
        pack = self._packs.pop(trial.config["pack"], None)
        if pack is None:
            return  # it had done its work
        given_up = self._queue.lost(pack.number)
        self._pass_on(lambda: self._sink.lost(pack, given_up, _reason(trial)))

    def _pass_on(self, tell: Callable[[], None]) -> None:
        """Tune would wrap an exception in its own, and lose its type."""
        if self._failure is None:
            try:
                tell()
            except Exception as error:
                self._failure = error


class StopWhen(Unsaved, tune.Stopper):
    """Stops the whole sweep when it is over; no single pack."""

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self._is_over = is_over

    @override
    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    @override
    def stop_all(self) -> bool:
        """Asked after every event, ten times a second at least."""
        return self._is_over()


def pack_config(
    pack: PlannedPack,
    resources: Resources,
    objective: Objective,
    stopping: StoppingConfig = NO_STOPPING,
) -> dict[str, Any]:
    """The config that makes a `PackTrainable` train this pack, with these resources."""
    trials = tuple(PackTrial(trial.number, trial.config) for trial in pack.trials)
    return {
        "pack": pack.number,
        "order": PackOrder(pack.number, trials, pack.num_entered).to_text(),
        "cpus": resources.cpus_per_worker,
        "gpus": resources.gpus_per_worker,
        "metric": objective.metric,
        "mode": objective.mode,
        "stopping": stopping.model_dump_json(),
    }


def _reason(trial: Any) -> str:
    error = trial.get_pickled_error() or trial.get_error()
    lines = str(error).strip().splitlines() if error is not None else []
    return lines[-1] if lines else "the worker process was lost"


def _import_integrations() -> None:
    """Let Tune import its MLflow integration without MLflow.

    Tune counts which of its own callbacks it was given, whether it tells anybody or not, and for that it
    imports MLflow: 1.4 seconds before a runner's first sweep, and 100 MB. The integration can do without.
    """
    with without("mlflow"):
        importlib.import_module("ray.air.integrations.mlflow")
