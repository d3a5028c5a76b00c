"""What the page that compares two sweeps shows."""

from functools import lru_cache
from typing import Any

from service.pages.comparison import Comparison, SweptCell, compare, swept_cells
from service.pages.comparison_chart import comparison_chart
from service.settings import ServiceSettings
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep

CHOICES = 100
"""Sweeps to choose from, the newest first; an address may name any other."""

REMEMBERED = 8


class ComparePages:
    """Puts comparisons together; remembers the cells of the sweeps that were compared last."""

    def __init__(self, ledger: Ledger, settings: ServiceSettings) -> None:
        self._ledger = ledger
        self._settings = settings
        self._cells = lru_cache(maxsize=REMEMBERED)(self._read)

    def values(self, a_id: str | None, b_id: str | None) -> dict[str, Any]:
        """Everything that the template needs; raises `NotFoundError` for a sweep that is not there."""
        a, b = (self._ledger.get_sweep(name) if name else None for name in (a_id, b_id))
        found = self._compare(a, b) if a and b else None
        recent = [sweep for sweep in self._ledger.list_sweeps(limit=CHOICES).items if sweep.num_ended]
        known = {sweep.id for sweep in recent}
        extra = [sweep for sweep in (a, b) if sweep is not None and sweep.id not in known]
        return {
            "here": "compare",
            "mlflow_url": self._settings.mlflow_link_base,
            "a": a,
            "b": b,
            "choices": [*recent, *{sweep.id: sweep for sweep in extra}.values()],
            "comparison": found,
            "chart": comparison_chart(found.pairs) if found else "",
        }

    def _compare(self, a: Sweep, b: Sweep) -> Comparison:
        return compare(self._cells(a.id, a.num_ended), self._cells(b.id, b.num_ended))

    def _read(self, sweep_id: str, num_ended: int) -> list[SweptCell]:
        return swept_cells(self._ledger.all_trials(sweep_id))
