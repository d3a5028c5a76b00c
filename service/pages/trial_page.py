"""What the page of one trial shows, and the drawer of the map with it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import yaml

from service.pages.labels import duration_label
from service.pages.trial_charts import layer_charts, trial_charts
from service.settings import ServiceSettings
from service.views import mlflow_link
from sweeps.analysis.labels import number_label, setting_label
from sweeps.errors import NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep, TrialRow
from trainers.record import Evidence

MOST_BESIDE = 24
"""Trials of one square that are read and drawn beside the chosen one."""


def trial_values(
    ledger: Ledger, settings: ServiceSettings, sweep: Sweep, number: int, beside: Sequence[int]
) -> dict[str, Any]:
    """Everything that the template needs; raises `NotFoundError` unless trial `number` has ended.

    `beside` are the trials that share its square; by default, its repeats.
    """
    trial = ledger.get_trial(sweep.id, number)
    others = _others(ledger, sweep, trial, beside)
    link = mlflow_link(settings.mlflow_link_base, sweep.mlflow_experiment_id, trial.mlflow_run_id)
    return {
        "here": "sweep",
        "mlflow_url": settings.mlflow_link_base,
        "mlflow_run": link,
        "no_mlflow": "not in MLflow yet" if settings.mlflow_link_base else "MLflow has no address here",
        "sweep": sweep,
        "trial": trial,
        "others": others,
        "query": urlencode({"beside": [row.number for row in others]}, doseq=True),
        "setting": setting_label(trial.axes, trial.repeat),
        "outcome": trial.record.verdict.outcome,
        "evidence": evidence_sentence(trial.record.verdict.evidence),
        "charts": trial_charts(trial, others),
        "layers": layer_charts(trial, others),
        "facts": _facts(trial),
        "config_text": yaml.safe_dump(trial.config, sort_keys=False, default_flow_style=None, width=80),
    }


def evidence_sentence(evidence: Evidence) -> str:
    """Why a trial got its outcome, in one sentence.

    >>> evidence_sentence(Evidence("non-finite value", 7, None, None, "hidden1", "forward"))
    'Non-finite value at step 7, in the forward pass, first in layer hidden1.'
    >>> evidence_sentence(Evidence("ends above its start", 180, 4.2, 2.3))
    'Ends above its start at step 180: 4.2 against 2.3.'
    """
    text = evidence.rule[:1].upper() + evidence.rule[1:]
    if evidence.step is not None:
        text += f" at step {evidence.step}"
    if evidence.phase:
        text += ", in the update" if evidence.phase == "update" else f", in the {evidence.phase} pass"
    if evidence.layer:
        text += f", first in layer {evidence.layer}"
    if evidence.value is not None:
        text += f": {number_label(evidence.value)}"
        if evidence.threshold is not None:
            text += f" against {number_label(evidence.threshold)}"
    return text + "."


def _others(ledger: Ledger, sweep: Sweep, trial: TrialRow, beside: Sequence[int]) -> list[TrialRow]:
    """The trials of the square that have ended, by number, the chosen one among them."""
    first = trial.number - trial.repeat
    wanted = list(beside) or range(first, first + int(sweep.spec.get("seeds", 1)))
    found = {trial.number: trial}
    for number in sorted(set(wanted))[:MOST_BESIDE]:
        try:
            found.setdefault(number, ledger.get_trial(sweep.id, number))
        except NotFoundError:
            continue
    return [found[number] for number in sorted(found)]


def _facts(trial: TrialRow) -> list[tuple[str, str]]:
    final = [(name.replace("_", " "), value) for name, value in trial.record.final.items()]
    return [
        *((name, "–" if value is None else number_label(value)) for name, value in final),
        ("steps done", str(trial.record.num_steps_done)),
        ("seed", str(trial.config.get("seed", "–"))),
        ("trained", duration_label(trial.record.train_seconds)),
        ("pack", str(trial.pack)),
    ]
