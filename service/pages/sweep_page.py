"""What the page of one sweep shows before its script runs, read from the ledger."""

import time
from typing import Any

import yaml

from service.pages.labels import duration_label
from service.settings import ServiceSettings
from service.views import mlflow_link
from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED, Sweep

MOST_CELLS = 200
"""Cells whose edge is listed; the report has all of them."""


def sweep_values(ledger: Ledger, settings: ServiceSettings, sweep: Sweep) -> dict[str, Any]:
    """Everything that the template needs."""
    ended = sweep.status in ENDED
    analysis = ledger.get_analysis(sweep.id) if ended else None
    return {
        "here": "sweep",
        "mlflow_url": settings.mlflow_link_base,
        "mlflow_run": mlflow_link(settings.mlflow_link_base, sweep.mlflow_experiment_id, sweep.mlflow_run_id),
        "sweep": sweep,
        "ended": ended,
        "live": analysis is None,
        "has_report": analysis is not None,
        "elapsed": _elapsed(sweep),
        "analysis": analysis,
        "most_cells": MOST_CELLS,
        "spec_text": yaml.safe_dump(sweep.spec, sort_keys=False, default_flow_style=None, width=100),
    }


def _elapsed(sweep: Sweep) -> str:
    if sweep.started_at is None:
        return "waiting for a runner" if sweep.status == "queued" else ""
    return duration_label((sweep.ended_at or time.time()) - sweep.started_at)
