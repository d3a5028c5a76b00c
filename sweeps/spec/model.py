"""The spec: everything that a user says about a sweep."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, field_validator

from sweeps.search import Axis, GridSearch, SearchConfig
from sweeps.search.numbers import plain
from sweeps.spec.stopping import NoStopping, StoppingConfig
from trainers.kinds import Frozen

Metric = Literal["eval_loss", "train_loss", "eval_accuracy", "stability_score"]
Tag = Annotated[str, Field(max_length=250)]

MODEL_NAME = r"^(?!\.\.|\.$|\s*$)[^/:\x00-\x1f\x7f]+$"
"""What MLflow accepts as the name of a registered model, less control characters."""


class Objective(Frozen):
    """What the recommendation makes as good as it can be, among stable settings."""

    metric: Metric = Field("eval_loss", description="final metric of a trial")
    mode: Literal["min", "max"] = Field("min", description="whether less or more of it is better")


class Resources(Frozen):
    """What the sweep may use."""

    workers: Annotated[int, Field(ge=1, le=4096)] | Literal["auto"] = Field(
        "auto", description="worker processes; auto is as many as the cluster's processors allow"
    )
    cpus_per_worker: float = Field(1, gt=0, le=1024, description="processors that each worker holds")
    gpus_per_worker: float = Field(
        0, ge=0, le=64, description="GPUs that each worker holds; below 1, workers share one"
    )
    pack: Annotated[int, Field(ge=1, le=4096)] | Literal["auto"] = Field(
        "auto", description="trials that a worker trains together; auto keeps every worker busy to the end"
    )

    @field_validator("cpus_per_worker", "gpus_per_worker")
    @classmethod
    def _whole_above_one(cls, amount: float) -> float:
        """Ray shares a unit among workers, or gives whole units."""
        if amount > 1 and amount != int(amount):
            raise ValueError("a fraction below 1, or a whole number")
        return amount


class SweepSpec(Frozen):
    """A sweep as its user wrote it, checked as a whole by `parse_spec`.

    `workload` and `base` stay as written, since an axis may complete them; every trial config that the
    plan makes of them has been validated.
    """

    name: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="shown in lists"
    )
    workload: dict[str, JsonValue] = Field(
        default_factory=dict, description="what is trained: `data` and `model`, each by `kind`"
    )
    base: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="settings that every trial shares: a trial config less its workload",
    )
    axes: dict[str, Axis] = Field(
        default_factory=dict,
        description="what varies: dotted path of a setting, and its values",
    )
    seeds: int = Field(1, ge=1, le=10_000, description="repeats of each configuration, each with its seed")
    shared_seeds: bool = Field(
        False, description="whether every configuration has the same seeds, so that settings differ, not luck"
    )
    seed: int = Field(0, ge=0, lt=2**53, description="root of every random number in the sweep")
    search: SearchConfig = Field(GridSearch(), description="how configurations are chosen")
    stopping: StoppingConfig = Field(NoStopping(), description="which trials end early")
    objective: Objective = Field(Objective(), description="what the recommendation optimises")
    resources: Resources = Field(Resources(), description="what the sweep may use")
    tags: dict[Tag, Tag] = Field(
        default_factory=dict, max_length=64, description="labels to find the sweep by"
    )
    register_model: (
        Annotated[str, Field(min_length=1, max_length=256, json_schema_extra={"pattern": MODEL_NAME})] | None
    ) = Field(None, description="name under which the recommended setting's model is registered in MLflow")

    @field_validator("register_model")
    @classmethod
    def _name_for_mlflow(cls, name: str | None) -> str | None:
        if name is not None and re.fullmatch(MODEL_NAME, name) is None:
            raise ValueError(
                "a name that is not blank, without / : and control characters, and not . or .. at its start"
            )
        return name

    def canonical(self) -> dict[str, Any]:
        """The spec as JSON with every default written out; `parse_spec` reads it back to an equal spec."""
        canonical: dict[str, Any] = plain_tree(self.model_dump(mode="json"))
        for axis in canonical["axes"].values():
            if not axis["when"]:
                del axis["when"]
        return canonical


def plain_tree(value: Any) -> Any:
    """JSON with its whole numbers as ints throughout."""
    if isinstance(value, dict):
        return {key: plain_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_tree(item) for item in value]
    return plain(value) if isinstance(value, float) else value
