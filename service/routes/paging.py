"""Query parameters of listings and of a submission; unknown ones are refused, not ignored."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from sweeps.ledger.base import SweepStatus
from trainers.record import OutcomeName


class Paging(BaseModel):
    """Which page of a listing."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(None, max_length=500, description="`next_cursor` of the page before")
    limit: int = Field(50, ge=1, le=500, description="items on a page")


class SweepQuery(Paging):
    """Which sweeps."""

    status: SweepStatus | None = None
    name: str | None = Field(None, max_length=200, description="only sweeps of this name")
    tag: str | None = Field(None, max_length=501, description="only sweeps with this tag, KEY or KEY:VALUE")


class TrialQuery(Paging):
    """Which trials, in which order."""

    limit: int = Field(100, ge=1, le=1000, description="items on a page")
    outcome: OutcomeName | None = None
    sort: Literal["number", "-number", "objective", "-objective"] = Field(
        "number", description="order; a minus turns it round"
    )


class SubmitQuery(BaseModel):
    """How a spec is taken: a misspelt `dry_run` must not start anything."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="answer with the plan and store nothing")


SubmitQueryDep = Annotated[SubmitQuery, Query()]
SweepQueryDep = Annotated[SweepQuery, Query()]
TrialQueryDep = Annotated[TrialQuery, Query()]
