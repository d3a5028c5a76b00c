"""The Ray Tune trainable that trains one pack after another in a warm process."""

from typing import Any

import torch
from ray import tune
from typing_extensions import override

from sweeps.scores import WORST, finite_score, objective_of
from sweeps.worker_messages import PackOrder, PackReport
from trainers.pack import PackRun

STEP_SECONDS = 0.25
"""Time between two reports: how late the ledger may be, and most of what a cancel has to wait for."""

REPORT = "report"
"""Key of the result that carries the `PackReport`."""


class PackTrainable(tune.Trainable):
    """Trains the pack that its config orders; the process is reused for the next pack.

    The config holds `pack`, `order` (see `PackOrder`), `cpus`, `gpus`, `metric` and `mode`.
    """

    _best: float

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
        scores = [finite_score(objective_of(record, self._metric), self._mode) for record in records]
        self._best = min(self._best, *scores, WORST)
        progress, done = self._run.progress(), self._run.finished
        record = self._run.record() if done else None
        return {
            "score": self._best,
            "num_ended": progress.num_ended,
            "done": done,
            REPORT: PackReport(self._pack, tuple(records), progress, record),
        }

    @override
    def cleanup(self) -> None:
        """Let go of the pack."""
        del self._run

    def _take(self, config: dict[str, Any]) -> None:
        order = PackOrder.from_text(config["order"])
        device = "cuda" if config["gpus"] and torch.cuda.is_available() else "cpu"
        self._pack = order.pack
        self._metric, self._mode = config["metric"], config["mode"]
        self._run = PackRun(order.trials, device=device)
        self._best = WORST
        self.config = {"pack": order.pack}  # goes back with every result
