"""The catalogue lists every kind as its class declares it."""

import json

import pytest

from trainers.catalogue import Family, KindEntry, Parameter, alternatives, catalogue, describe
from trainers.clipping import ClipConfig, GlobalNorm, NoClip
from trainers.models import Mlp

ENTRIES = [(family.name, entry) for family in catalogue().families for entry in family.kinds]
IDS = [f"{family}:{entry.kind}" for family, entry in ENTRIES]


def _parameter(entry: KindEntry, name: str) -> Parameter:
    return next(parameter for parameter in entry.parameters if parameter.name == name)


@pytest.mark.parametrize(("family", "entry"), ENTRIES, ids=IDS)
def test_every_kind_says_in_a_sentence_what_it_is(family: str, entry: KindEntry) -> None:
    assert entry.summary.endswith(".")
    assert 15 < len(entry.summary) < 110


@pytest.mark.parametrize(("family", "entry"), ENTRIES, ids=IDS)
def test_every_parameter_is_described_and_has_a_type(family: str, entry: KindEntry) -> None:
    for parameter in entry.parameters:
        assert parameter.description, f"{entry.kind}.{parameter.name}"
        assert parameter.type != "any", f"{entry.kind}.{parameter.name}"


@pytest.mark.parametrize(("family", "entry"), ENTRIES, ids=IDS)
def test_every_number_has_a_range(family: str, entry: KindEntry) -> None:
    for parameter in entry.parameters:
        if parameter.type in ("number", "integer"):
            assert parameter.range, f"{entry.kind}.{parameter.name}"


@pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
def test_no_two_kinds_of_a_family_share_a_name(family: Family) -> None:
    kinds = [entry.kind for entry in family.kinds]
    assert len(kinds) == len(set(kinds))


def test_a_union_is_listed_in_its_own_order() -> None:
    assert [entry.kind for entry in catalogue().family("clip").kinds] == [
        kind.model_fields["kind"].default for kind in alternatives(ClipConfig)
    ]


def test_a_lone_class_is_a_union_of_one() -> None:
    assert list(alternatives(NoClip)) == [NoClip]


def test_an_entry_shows_default_range_source_and_whether_it_stacks() -> None:
    entry = describe(GlobalNorm)
    assert entry.stacks
    assert entry.solo_reason == ""
    assert "1211.5063" in entry.source
    assert entry.parameters == (
        Parameter(
            name="max_norm", type="number", required=False, default=1.0, range="(0, ∞)", choices=(),
            description="largest allowed L2 norm of the whole gradient",
        ),
    )  # fmt: skip


def test_a_required_parameter_has_no_default() -> None:
    sgd = next(entry for family, entry in ENTRIES if (family, entry.kind) == ("optimizer", "sgd"))
    lr = _parameter(sgd, "lr")
    assert lr.required
    assert lr.default is None
    assert lr.range == "(0, 1e+12]"


def test_choices_and_lists_are_spelled_out() -> None:
    entry = describe(Mlp)
    assert "relu" in _parameter(entry, "activation").choices
    assert _parameter(entry, "activation").type == "choice"
    assert _parameter(entry, "hidden").type == "list of integer"
    assert _parameter(entry, "hidden").range == "(0, ∞)"


def test_the_catalogue_is_strict_json() -> None:
    text = json.dumps(catalogue().to_json(), allow_nan=False)
    assert json.loads(text)["families"][0]["name"] == "data"
