"""Ledger rows as answers of the API."""

from collections.abc import Callable
from typing import Any, TypeVar

from service.numbers import column
from service.schemas import (
    CurvesAnswer,
    Listing,
    SweepAnswer,
    SweepDetail,
    SweepLinks,
    TrialAnswer,
    TrialDetail,
    TrialLinks,
)
from sweeps.analysis.labels import setting_label
from sweeps.ledger.base import Page, Sweep, TrialRow
from sweeps.mlflow_links import run_url
from trainers.record import Curves

Row = TypeVar("Row")
Answer = TypeVar("Answer")


def listing(page: Page[Row], view: Callable[[Row], Answer]) -> Listing[Answer]:
    """A page of rows as a page of answers."""
    return Listing(items=[view(row) for row in page.items], next_cursor=page.next_cursor)


def mlflow_link(base: str, experiment_id: str | None, run_id: str | None) -> str | None:
    """A run's page in MLflow's UI; None when it is not there yet or MLflow has no address."""
    if not (base and experiment_id and run_id):
        return None
    return run_url(base, experiment_id, run_id)


def sweep_links(sweep: Sweep, mlflow_base: str) -> SweepLinks:
    """Where to go from `sweep`."""
    root = f"/v1/sweeps/{sweep.id}"
    return SweepLinks(
        self=root,
        page=f"/sweeps/{sweep.id}",
        trials=f"{root}/trials",
        analysis=f"{root}/analysis",
        report=f"{root}/report",
        events=f"{root}/events",
        mlflow=mlflow_link(mlflow_base, sweep.mlflow_experiment_id, sweep.mlflow_run_id),
    )


def sweep_answer(sweep: Sweep, mlflow_base: str) -> SweepAnswer:
    """A sweep without its spec; Unix seconds become times in UTC."""
    return SweepAnswer(**_fields(sweep, mlflow_base))


def sweep_detail(sweep: Sweep, mlflow_base: str) -> SweepDetail:
    """A sweep with its spec."""
    return SweepDetail(**_fields(sweep, mlflow_base))


def _fields(sweep: Sweep, mlflow_base: str) -> dict[str, Any]:
    return {**vars(sweep), "is_mirrored": sweep.is_mirrored, "links": sweep_links(sweep, mlflow_base)}


def trial_answer(trial: TrialRow, sweep: Sweep, mlflow_base: str) -> TrialAnswer:
    """A trial without its config and curves."""
    return TrialAnswer(**_trial_values(trial, sweep, mlflow_base))


def trial_detail(trial: TrialRow, sweep: Sweep, mlflow_base: str) -> TrialDetail:
    """A trial with its config, without its curves."""
    return TrialDetail(**_trial_values(trial, sweep, mlflow_base))


def curves_answer(curves: Curves) -> CurvesAnswer:
    """Curves as lists, null where not a number."""
    return CurvesAnswer(
        steps=curves.steps.tolist(),
        scalars={name: column(values) for name, values in curves.scalars.items()},
        layer_names=list(curves.layer_names),
        layers={name: [column(row) for row in values] for name, values in curves.layers.items()},
    )


def _trial_values(trial: TrialRow, sweep: Sweep, mlflow_base: str) -> dict[str, Any]:
    root = f"/v1/sweeps/{sweep.id}"
    links = TrialLinks(
        self=f"{root}/trials/{trial.number}",
        curves=f"{root}/trials/{trial.number}/curves",
        sweep=root,
        mlflow=mlflow_link(mlflow_base, sweep.mlflow_experiment_id, trial.mlflow_run_id),
    )
    record = trial.record
    verdict = {"outcome": record.verdict.outcome, "evidence": vars(record.verdict.evidence)}
    label = setting_label(trial.axes, trial.repeat)
    return {**vars(record), **vars(trial), **verdict, "setting": label, "links": links}
