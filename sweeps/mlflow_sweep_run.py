"""A sweep's parent run in MLflow: opened when the sweep starts, completed when it has ended."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import yaml

from sweeps.labels import value_label
from sweeps.ledger.base import StoredReport, Sweep, SweepStatus, TrialRow
from sweeps.mlflow_drafts import Artifact, RunDraft, RunStatus, flat_params, points
from sweeps.mlflow_page import LivePages
from sweeps.mlflow_trial_run import NOTE_TAG, SOURCE_TAGS
from sweeps.model_version import FOLDER, version_of

NO_PAGES = LivePages()
STATUS: Mapping[SweepStatus, RunStatus] = {"completed": "FINISHED", "cancelled": "KILLED", "failed": "FAILED"}
SPEC_PARAMS = ("search", "seeds", "objective", "stopping", "resources")
"""Parts of the spec that are the same for all of a sweep's trials and not in their configs."""


def sweep_identity(sweep_id: str) -> dict[str, str]:
    """The tags that only this sweep's parent run carries."""
    return {"gradsweep.kind": "sweep", "gradsweep.sweep_id": sweep_id}


def opening_draft(sweep: Sweep, pages: LivePages = NO_PAGES) -> RunDraft:
    """The parent run of a sweep that has begun."""
    note = f"Sweep `{sweep.id}` is under way: {sweep.num_trials} trials. The report comes with its end."
    note = _with_links(note, sweep, pages)
    chosen = {name: sweep.spec[name] for name in SPEC_PARAMS if name in sweep.spec}
    return RunDraft(
        identity=sweep_identity(sweep.id),
        name=sweep.name,
        status="RUNNING",
        started_at=sweep.created_at if sweep.started_at is None else sweep.started_at,
        tags={**sweep.tags, **SOURCE_TAGS, **pages.tags(sweep.id), NOTE_TAG: note},
        params=flat_params(chosen),
        artifacts=(Artifact("spec.yaml", _yaml(sweep.spec)),),
    )


def closing_draft(
    sweep: Sweep, trials: Sequence[TrialRow], report: StoredReport | None, pages: LivePages = NO_PAGES
) -> RunDraft:
    """The parent run of a sweep that has ended; `report` is None when there is none."""
    opening = opening_draft(sweep, pages)
    ended_at = opening.started_at if sweep.ended_at is None else sweep.ended_at
    note = f"Sweep `{sweep.id}` is {sweep.status}." if report is None else report.markdown
    tags = {"gradsweep.status": sweep.status, NOTE_TAG: _with_links(note, sweep, pages)}
    if sweep.error is not None:
        tags["gradsweep.error"] = sweep.error
    return RunDraft(
        identity=opening.identity,
        name=opening.name,
        status=STATUS.get(sweep.status, "RUNNING"),
        started_at=opening.started_at,
        ended_at=ended_at,
        tags=opening.tags,
        closing_tags=tags,
        params=opening.params,
        metrics=points(_numbers(sweep, ended_at - opening.started_at), ended_at),
        artifacts=(*opening.artifacts, *_results(trials, report)),
        model=None if report is None else version_of(report),
    )


def _with_links(note: str, sweep: Sweep, pages: LivePages) -> str:
    """The links first: a note that is too long for MLflow is cut at its end."""
    links = pages.links(sweep.id, sweep.mlflow_experiment_id)
    return f"{links}\n\n{note}" if links else note


def trial_table(trials: Sequence[TrialRow]) -> bytes:
    """All trials as CSV: number, outcome, objective, what was varied, final numbers."""
    axes = sorted({path for trial in trials for path in trial.axes})
    finals = sorted({name for trial in trials for name in trial.record.final})
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        ["trial", "configuration", "repeat", "outcome", "step", "layer", "objective", *axes, *finals]
    )
    writer.writerows(_table_row(trial, axes, finals) for trial in trials)
    return buffer.getvalue().encode()


def _table_row(trial: TrialRow, axes: Sequence[str], finals: Sequence[str]) -> list[Any]:
    verdict = trial.record.verdict
    return [
        *(trial.number, trial.config_number, trial.repeat),
        *(verdict.outcome, verdict.evidence.step, verdict.evidence.layer, trial.objective),
        *(_cell(trial.axes[path]) if path in trial.axes else None for path in axes),
        *(trial.record.final.get(name) for name in finals),
    ]


def _cell(value: Any) -> Any:
    return value_label(value) if isinstance(value, Mapping | list) else value


def _numbers(sweep: Sweep, seconds: float) -> dict[str, float | None]:
    counts = {f"trials_{outcome}": number for outcome, number in sweep.outcomes.items()}
    stable = sweep.outcomes.get("stable", 0)
    return {
        "trials_planned": sweep.num_trials,
        "trials_ended": sweep.num_ended,
        **counts,
        "stable_share": stable / sweep.num_ended if sweep.num_ended else None,
        "sweep_seconds": seconds,
    }


def _results(trials: Sequence[TrialRow], report: StoredReport | None) -> list[Artifact]:
    found = [Artifact("tables/trials.csv", trial_table(trials))] if trials else []
    if report is None:
        return found
    analysis = json.dumps(report.analysis, indent=1, allow_nan=False).encode()
    found += [Artifact("report.html", report.html.encode()), Artifact("analysis.json", analysis)]
    return found + [Artifact(_place(name), data) for name, data in report.files.items()]


def _place(name: str) -> str:
    if name.startswith(f"{FOLDER}/"):
        return name
    return f"plots/{name}" if name.endswith((".png", ".svg")) else f"tables/{name}"


def _yaml(spec: Mapping[str, Any]) -> bytes:
    text: str = yaml.safe_dump(dict(spec), sort_keys=False, allow_unicode=True, width=100)
    return text.encode()
