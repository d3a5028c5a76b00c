"""No kind in the catalogue without its reference, its invariant, and what it does at the edges of numbers."""

import importlib
import math
import pkgutil
from typing import Any, get_args

import pytest
from pydantic import ValidationError

import tests.trainers
from tests.trainers.aspects import not_shown, shows
from trainers.catalogue import FAMILIES, Family, alternatives, catalogue
from trainers.clipping import ClipConfig, NoClip
from trainers.kinds import Kind
from trainers.schedules import ScheduleConfig

CASES = [(catalogue().family(name), kind) for name, _, _, union in FAMILIES for kind in alternatives(union)]
IDS = [f"{family.name}:{kind.model_fields['kind'].default}" for family, kind in CASES]
WITHOUT_SOURCE = {"none", "constant", "digits", "or"}
"""Kinds that nobody had to invent."""


def _import_all_tests() -> None:
    for module in pkgutil.walk_packages(tests.trainers.__path__, "tests.trainers."):
        importlib.import_module(module.name)


@pytest.mark.parametrize(("family", "kind"), CASES, ids=IDS)
def test_every_kind_shows_what_its_family_has_to(family: Family, kind: type[Kind]) -> None:
    _import_all_tests()
    assert not_shown(family, kind) == set()


@pytest.mark.parametrize(("family", "kind"), CASES, ids=IDS)
def test_every_kind_names_its_source(family: Family, kind: type[Kind]) -> None:
    name = kind.model_fields["kind"].default
    assert kind.source or name in WITHOUT_SOURCE or family.name in ("model", "data")


@shows("nan", "infinity", of=alternatives(ScheduleConfig))
@pytest.mark.parametrize(("family", "kind"), CASES, ids=IDS)
def test_no_parameter_takes_a_number_that_is_not_finite(family: Family, kind: type[Kind]) -> None:
    required = {"lr": 0.1} if family.name == "optimizer" else {}
    for name, field in kind.model_fields.items():
        if float not in (field.annotation, *get_args(field.annotation)):
            continue
        for broken in (math.nan, math.inf, -math.inf):
            values: dict[str, Any] = required | {name: broken}
            with pytest.raises(ValidationError):
                kind(**values)


def test_a_kind_that_no_test_knows_is_noticed() -> None:
    class Unheard(NoClip):
        """A rule without a test."""

    assert not_shown(catalogue().family("clip"), Unheard) >= {"reference", "nan"}
    assert Unheard not in list(alternatives(ClipConfig))
