"""The answers of the API: strict JSON, times in UTC, null for not-a-number."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from service.numbers import Number
from sweeps.ledger.base import SweepStatus
from trainers.record import OutcomeName, Phase

Item = TypeVar("Item")


class Listing(BaseModel, Generic[Item]):
    """One page of a listing."""

    items: list[Item]
    next_cursor: str | None = Field(description="pass it as `cursor` to get the next page; null on the last")


class SweepLinks(BaseModel):
    """Where to go from a sweep."""

    self: str
    page: str
    trials: str
    analysis: str
    report: str
    events: str
    mlflow: str | None = Field(description="the sweep's parent run in MLflow's UI, once it is there")


class SweepAnswer(BaseModel):
    """A sweep with its progress."""

    id: str
    name: str
    status: SweepStatus
    tags: dict[str, str]
    num_trials: int = Field(description="trials that are planned by now")
    max_trials: int | None = Field(
        description="the most that there can be, while results decide what is trained next; null where all "
        "is planned"
    )
    num_ended: int
    num_mirrored: int = Field(description="trials that are in MLflow")
    is_mirrored: bool = Field(
        description="whether it has ended and all of it is in MLflow: trials, end, report"
    )
    outcomes: dict[OutcomeName, int] = Field(description="ended trials by outcome")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel_requested: bool
    pause_requested: bool
    error: str | None
    mlflow_experiment_id: str | None
    mlflow_run_id: str | None
    links: SweepLinks


class SweepDetail(SweepAnswer):
    """A sweep with its spec, every default written out."""

    spec: dict[str, Any]


class ModelAnswer(BaseModel):
    """One model of a plan."""

    label: str
    num_parameters: int


class PlanAnswer(BaseModel):
    """What a spec would run; nothing was stored."""

    name: str
    num_trials: int = Field(description="trials that are known beforehand: all, or the first round")
    usual_trials: int = Field(description="what they usually become; the same unless results decide")
    max_trials: int = Field(description="the most that they can become; the same unless results decide")
    num_configurations: int
    num_duplicates: int = Field(description="configurations that the search gave twice, left out")
    num_cells: int = Field(description="settings that differ in more than learning rate and seed")
    num_packs: int
    num_workers: int = Field(description="worker processes that the packs were made for")
    num_trial_steps: int = Field(description="updates in all trials together")
    models: list[ModelAnswer]
    estimated_seconds: float = Field(description="a rough estimate of the whole sweep on that many workers")
    warnings: list[str] = Field(description="what may not have been meant, and what to do")
    spec: dict[str, Any] = Field(description="the spec with every default written out")


class EvidenceAnswer(BaseModel):
    """Why a trial got its outcome."""

    rule: str
    step: int | None
    value: Number
    threshold: Number
    layer: str | None
    phase: Phase | None


class TrialLinks(BaseModel):
    """Where to go from a trial."""

    self: str
    curves: str
    sweep: str
    mlflow: str | None = Field(description="the trial's run in MLflow's UI, once it is there")


class TrialAnswer(BaseModel):
    """An ended trial."""

    number: int
    config_number: int
    repeat: int
    setting: str = Field(description="what the sweep varied, on one line, with the number of the repeat")
    outcome: OutcomeName
    evidence: EvidenceAnswer
    axes: dict[str, Any] = Field(description="what the sweep varied, by dotted path")
    objective: Number = Field(description="the spec's objective; null when it is not a number")
    final: dict[str, Number] = Field(description="final metrics; null when not a number")
    num_steps_done: int
    train_seconds: float
    pack: int
    error: str | None = Field(description="end of the traceback when the outcome is failed")
    ended_at: datetime
    mlflow_run_id: str | None
    links: TrialLinks


class TrialDetail(TrialAnswer):
    """An ended trial with the whole config it was trained from, seed included."""

    config: dict[str, Any]


class CurvesAnswer(BaseModel):
    """A trial's statistics at R report points; each covers the window of steps since the previous point."""

    steps: list[int] = Field(description="last step of each window (R)")
    scalars: dict[str, list[Number]] = Field(description="statistics of the whole model, each (R)")
    layer_names: list[str] = Field(description="layers in forward order (L)")
    layers: dict[str, list[list[Number]]] = Field(description="statistics by layer, each (R, L)")


class PresetAnswer(BaseModel):
    """A sweep that is ready to be submitted by its name."""

    name: str
    title: str
    description: str
    spec: dict[str, Any]
    small: dict[str, Any] = Field(description="the spec of the small version")
    seconds: dict[str, float] = Field(description="what `full` and `small` took on 2 processors")


class CheckAnswer(BaseModel):
    """One thing that must work for sweeps to run."""

    ok: bool
    detail: str


class ReadyAnswer(BaseModel):
    """Whether sweeps can run now."""

    status: str
    checks: dict[str, CheckAnswer]
