from typing import Any

import jsonschema
import pytest
import yaml

from sweeps.spec import json_schema, parse_spec
from tests.sweeps.spec.examples import CLIP_VS_LR, digits


def accepts(spec: Any) -> bool:
    validator = jsonschema.Draft202012Validator(json_schema())
    return bool(validator.is_valid(spec))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(
    "spec",
    [
        yaml.safe_load(CLIP_VS_LR),
        digits(base={"optimizer": {"kind": "sgd"}}, axes={"optimizer.lr": {"values": [1]}}),
        digits(axes={"gradient.0.epsilon": {"uniform": [0, 1]}}, search={"kind": "random", "trials": 9}),
        digits(axes={"steps": {"values": [1], "when": {"clip.kind": "none"}}}),
    ],
    ids=["design", "lr by axis", "random", "conditional"],
)  # fmt: skip
def test_the_schema_accepts_sound_specs(spec: Any) -> None:
    assert accepts(spec)


def test_the_schema_accepts_what_the_canonical_form_says() -> None:
    assert accepts(parse_spec(CLIP_VS_LR).canonical())


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": 0}, {"axes": {"optimizer.rl": {"values": [1]}}}, {"axes": {"optimizer.lr": {"valus": [1]}}},
        {"base": {"stepz": 1}}, {"base": {"optimizer": {"kind": "sdg"}}}, {"search": {"kind": "random"}},
        {"base": {"seed": 1}}, {"unknown": 1},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_what_a_reader_of_it_can_see_is_wrong(change: dict[str, Any]) -> None:
    assert not accepts(digits(**change))


def test_every_field_of_a_spec_is_described() -> None:
    for name, part in json_schema()["properties"].items():
        assert part.get("description"), name
