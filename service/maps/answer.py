"""The answer of the map: what a program needs to draw it, and to keep it up to date from events."""

from pydantic import BaseModel, Field

from service.numbers import Number
from sweeps.analysis.edges import EdgeStatus


class AxisAnswer(BaseModel):
    """An axis of the map; empty where the sweep varies nothing that could be one."""

    path: str
    label: str
    levels: list[str] = Field(description="a label for each value or bin, in order")


class EdgeAnswer(BaseModel):
    """The edge of one row so far."""

    status: EdgeStatus
    lower: Number = Field(description="largest value below the edge, as far as the bracket tells")
    upper: Number = Field(description="smallest value above it")
    lower_column: int | None
    upper_column: int | None
    bracket: str = Field(description="the bracket as text")
    text: str = Field(description="the finding in a sentence, with horizon and seeds")
    fitted: Number = Field(description="value at which P(stable) is one half")
    interval_lower: Number = Field(description="95 % interval of the fitted edge")
    interval_upper: Number


class MapRowAnswer(BaseModel):
    """One row of squares."""

    panel: int = Field(description="index into `panels`")
    label: str
    edge: EdgeAnswer | None = Field(description="null until a trial of the row has ended, or without an edge")


class MapAnswer(BaseModel):
    """A whole map. Trial n lies in square `places[n]` and ended as `outcomes[n]` says."""

    after: int = Field(description="the last event that this includes; read events from here on")
    x: AxisAnswer
    y: AxisAnswer
    pooled: list[str] = Field(description="axes, besides the seeds, whose values share squares")
    panels: list[str] = Field(description="titles; one empty title where there is one panel")
    has_edges: bool = Field(
        description="whether columns are what edges lie along: learning rates, or an edge search's axis"
    )
    rows: list[MapRowAnswer] = Field(description="the rows of all panels, one panel after the other")
    places: list[int] = Field(
        description="by trial number: row · number of columns + column; -1 for no trial"
    )
    outcomes: str = Field(description="by trial number: the outcome's letter, a dot while it has not ended")
