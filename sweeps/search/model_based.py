"""Searches that let a model of the objective choose: Optuna's TPE and Gaussian process."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from sweeps.search.base import AdaptiveSearch
from sweeps.search.sobol import SobolSearch
from sweeps.search.space import Assignment, Space

SearchObjective = Literal["objective", "clearance"]

STARTUP = 16
BATCH = 8


class ModelSearch(AdaptiveSearch):
    """Base of searches by a model: evenly spread configurations first, then those that the model asks for.

    Settings whose trials are not stable count as infeasible, so that the model looks for the best among the
    stable ones.
    """

    kind: str
    trials: int = Field(ge=1, le=2**20, description="configurations to try; each trains `seeds` times")
    startup: int = Field(
        STARTUP, ge=1, le=2**20, description="of these, spread evenly before the model is asked"
    )
    batch: int = Field(
        BATCH,
        ge=1,
        le=1024,
        description="configurations that the model chooses at once, to train side by side",
    )
    warm_start: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="id of an ended sweep of the same workload, whose trials the model is told first",
    )
    objectives: tuple[SearchObjective, ...] = Field(
        ("objective",),
        min_length=1,
        max_length=2,
        description="what to look for: the sweep's objective alone, or also a large clearance, the distance "
        "from the nearest configuration tried that was not stable",
    )

    @field_validator("objectives")
    @classmethod
    def _one_way_to_write_each(cls, objectives: tuple[SearchObjective, ...]) -> tuple[SearchObjective, ...]:
        if objectives not in (("objective",), ("objective", "clearance")):
            raise ValueError("[objective] or [objective, clearance]")
        return objectives

    @property
    def wants_clearance(self) -> bool:
        """Whether settings far from unstable ones are looked for beside good ones."""
        return "clearance" in self.objectives

    def count(self, space: Space, stop_at: int) -> int:
        """As many as asked for."""
        return self.trials

    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """The configurations that are spread evenly."""
        return SobolSearch(trials=min(self.startup, self.trials)).draw(space, seed)


class TpeSearch(ModelSearch):
    """Tree-structured Parzen estimators: where good settings are denser than bad ones."""

    source: ClassVar[str] = "Bergstra et al. 2011, NeurIPS 24; `optuna.samplers.TPESampler`"
    kind: Literal["tpe"] = "tpe"


class GpSearch(ModelSearch):
    """A Gaussian process and its expected improvement: for few dear trials, and some ten axes at most."""

    source: ClassVar[str] = "Jones et al. 1998, J. Glob. Optim. 13:455; `optuna.samplers.GPSampler`"
    kind: Literal["gp"] = "gp"
