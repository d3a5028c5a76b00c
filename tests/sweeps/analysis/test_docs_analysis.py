"""The guide to the analysis names every outcome, every status and every field."""

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweeps.analysis import Analysis, Explanation
from sweeps.analysis.edges import EdgeStatus
from sweeps.analysis.helps import HelpKind
from sweeps.analysis.outcome_map import MapPanel
from sweeps.analysis.recommendation import Finding
from sweeps.report.palette import PALETTE
from trainers.record import OUTCOMES

GUIDE = (Path(__file__).parents[3] / "docs" / "analysis.md").read_text(encoding="utf-8")


def dataclasses_in(kind: object, seen: set[type]) -> Iterator[type]:
    """Every dataclass reachable through the fields of one."""
    for argument in typing.get_args(kind):
        yield from dataclasses_in(argument, seen)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        yield kind
        for hint in typing.get_type_hints(kind).values():
            yield from dataclasses_in(hint, seen)


FIELDS = sorted(
    {
        field.name
        for kind in [*dataclasses_in(Analysis, set()), *dataclasses_in(Explanation, set())]
        for field in dataclasses.fields(kind)
    }
)


def test_the_walk_reaches_the_leaves() -> None:
    assert MapPanel in set(dataclasses_in(Analysis, set()))
    assert {"capped_loss", "log_error", "is_absent", "median_step"} <= set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_documented(name: str) -> None:
    assert f"`{name}`" in GUIDE


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_outcome_is_documented_with_its_letter(name: str) -> None:
    assert f"| {PALETTE[name].letter} | `{name}` |" in GUIDE


@pytest.mark.parametrize(
    "word", [*typing.get_args(EdgeStatus), *typing.get_args(Finding), *typing.get_args(HelpKind)]
)
def test_every_status_finding_and_kind_of_help_is_documented(word: str) -> None:
    assert f"| `{word}` |" in GUIDE
