"""What the page of one sweep shows, read from the ledger."""

import time
from functools import lru_cache
from typing import Any

import yaml

from service.pages.labels import duration_label
from service.pages.stability_map import StabilityMap, lay_out
from service.settings import ServiceSettings
from service.views import mlflow_link
from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED, Sweep
from sweeps.plan import make_plan
from sweeps.search import ADAPTIVE_KINDS
from sweeps.spec import SpecError, parse_spec

BATCH = 500


class SweepPages:
    """Puts sweep pages together; remembers the maps of the sweeps that were looked at last."""

    def __init__(self, ledger: Ledger, settings: ServiceSettings) -> None:
        self._ledger = ledger
        self._settings = settings
        self._map = lru_cache(maxsize=32)(self._lay_out)

    def values(self, sweep_id: str) -> dict[str, Any]:
        """Everything that the template needs; raises `NotFoundError`.

        `after` is the last event that the page shows already, so that its stream begins behind it.
        """
        after = self._last_event(sweep_id)
        sweep = self._ledger.get_sweep(sweep_id)
        found = {trial.number: trial.record.verdict.outcome for trial in self._ledger.all_trials(sweep_id)}
        ended = sweep.status in ENDED
        has_report = ended and self._ledger.get_report(sweep_id) is not None
        return {
            "here": "sweep",
            "mlflow_url": self._settings.mlflow_link_base,
            "mlflow_run": mlflow_link(
                self._settings.mlflow_link_base, sweep.mlflow_experiment_id, sweep.mlflow_run_id
            ),
            "sweep": sweep,
            "after": after,
            "ended": ended,
            "live": not has_report,
            "has_report": has_report,
            "elapsed": _elapsed(sweep),
            "map": self._map(sweep_id, len(found) if self._is_adaptive(sweep) else 0),
            "found": found,
            "analysis": self._ledger.get_analysis(sweep_id) if ended else None,
            "spec_text": yaml.safe_dump(sweep.spec, sort_keys=False, default_flow_style=None, width=100),
        }

    def _is_adaptive(self, sweep: Sweep) -> bool:
        kind = sweep.spec.get("search", {}).get("kind")
        return kind in ADAPTIVE_KINDS

    def _lay_out(self, sweep_id: str, num_ended: int) -> StabilityMap:
        """The map of all planned trials; of the ended ones where the plan can no longer be made here.

        What a search decides while it runs is laid out anew whenever `num_ended` has changed.
        """
        ended = {trial.number: trial.axes for trial in self._ledger.all_trials(sweep_id)} if num_ended else {}
        try:
            plan = make_plan(parse_spec(self._ledger.get_sweep(sweep_id).spec))
        except SpecError:
            return lay_out({trial.number: trial.axes for trial in self._ledger.all_trials(sweep_id)})
        return lay_out({trial.number: trial.axes for trial in plan.trials} | ended)

    def _last_event(self, sweep_id: str) -> int:
        last = 0
        while batch := self._ledger.events(sweep_id, last, BATCH):
            last = batch[-1].id
            if len(batch) < BATCH:
                break
        return last


def _elapsed(sweep: Sweep) -> str:
    if sweep.started_at is None:
        return "waiting for a runner" if sweep.status == "queued" else ""
    return duration_label((sweep.ended_at or time.time()) - sweep.started_at)
