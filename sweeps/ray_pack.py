"""The Ray Tune trainable that trains one pack after another in a warm process."""

from typing import Any

from pydantic import TypeAdapter
from ray import tune
from typing_extensions import override

from sweeps.ray_stopping import RUNG_TIME, rung_time
from sweeps.scores import WORST, finite_score, objective_of
from sweeps.spec.stopping import Halving, StoppingConfig
from sweeps.worker_messages import PackOrder, PackReport
from trainers.late import torch
from trainers.record import TrialRecord
from trainers.rungs import Rungs

STEP_SECONDS = 0.25
"""Time between two reports: how late the ledger may be, and most of what a cancel has to wait for."""

STOPPING: TypeAdapter[StoppingConfig] = TypeAdapter(StoppingConfig)

REPORT = "report"
"""Key of the result that carries the `PackReport`."""


class PackTrainable(tune.Trainable):
    """Trains the pack that its config orders; the process is reused for the next pack.

    The config holds `pack`, `order` (see `PackOrder`), `cpus`, `gpus`, `metric`, `mode` and `stopping`.
    """

    _best: float
    _standing: TrialRecord | None
    _stopping: StoppingConfig
    _num_rungs: int

    @classmethod
    @override
    def default_resource_request(cls, config: dict[str, Any]) -> tune.PlacementGroupFactory:
        """What Ray has to find room for on one machine: processors, and GPUs or a part of one."""
        bundle = {"CPU": config["cpus"]}
        if config["gpus"]:
            bundle["GPU"] = config["gpus"]
        return tune.PlacementGroupFactory([bundle])

    @override
    def setup(self, config: dict[str, Any]) -> None:
        """Take the first pack."""
        torch.set_num_threads(max(1, int(config["cpus"])))
        self._take(config)

    @override
    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take another pack."""
        self._take(new_config)
        return True

    @override
    def step(self) -> dict[str, Any]:
        """Train for a moment; the result is done with the pack's last trial."""
        records = self._run.advance(STEP_SECONDS)
        standing = self._run.standing
        at_rung = standing is not None and standing is not self._standing
        self._standing = standing
        judged = [standing] if at_rung and standing is not None else records
        scores = [finite_score(objective_of(record, self._metric), self._mode) for record in judged]
        self._best = scores[-1] if at_rung else min(self._best, *scores, WORST)
        progress, done = self._run.progress(), self._run.finished
        record = self._run.record() if done else None
        stopped = (standing, self._run.record()) if at_rung and standing is not None else None
        result = {
            "score": self._best,
            "num_ended": progress.num_ended,
            "done": done,
            REPORT: PackReport(self._pack, tuple(records), progress, record, stopped),
        }
        return result | self._rung(at_rung, done)

    def _rung(self, at_rung: bool, done: bool) -> dict[str, int]:
        """The time of the rung that was just passed; a trial that ended stands at the next, with its end."""
        if not self._stopping.between_packs or not (at_rung or done):
            return {}
        self._num_rungs += 1
        return {RUNG_TIME: rung_time(self._stopping, self._num_rungs)}

    @override
    def cleanup(self) -> None:
        """Let go of the pack."""
        del self._run

    def _rungs(self, num_steps: int, num_entered: int) -> Rungs | None:
        stopping = self._stopping
        factor = stopping.factor if isinstance(stopping, Halving) and not stopping.between_packs else None
        steps = stopping.rung_steps(num_steps)
        return Rungs(steps, self._metric, self._mode, factor, num_entered) if steps else None

    def _take(self, config: dict[str, Any]) -> None:
        from trainers.pack import PackRun  # here, since the runner imports this module and never trains

        order = PackOrder.from_text(config["order"])
        device = "cuda" if config["gpus"] and torch.cuda.is_available() else "cpu"
        self._pack = order.pack
        self._metric, self._mode = config["metric"], config["mode"]
        self._stopping = STOPPING.validate_json(config["stopping"])
        rungs = self._rungs(order.trials[0].config.steps, order.num_entered)
        self._run = PackRun(order.trials, device=device, rungs=rungs)
        self._best, self._standing, self._num_rungs = WORST, None, 0
        self.config = {"pack": order.pack}  # goes back with every result
