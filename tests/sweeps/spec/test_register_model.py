"""A model's name in a spec is one that MLflow's registry takes."""

import jsonschema
import pytest
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import _validate_model_name

from sweeps.spec import SpecError, json_schema, parse_spec
from tests.sweeps.spec.examples import digits

SOUND = ("digits", "digits best v2", "best of the team's", ".hidden", "größer \u2192", "a" * 256)
REFUSED_BY_MLFLOW = ("", "  ", "a/b", "a:b", ".", "..", "..a")
REFUSED_BY_US = ("a\nb", "a\n", "a" * 257)
"""Control characters, and what is longer than the registry's column."""


def schema_accepts(name: object) -> bool:
    validator = jsonschema.Draft202012Validator(json_schema())
    return bool(validator.is_valid(digits(register_model=name)))


@pytest.mark.parametrize("name", SOUND)
def test_a_name_that_mlflow_takes_is_kept(name: str) -> None:
    _validate_model_name(name)
    spec = parse_spec(digits(register_model=name))
    assert spec.register_model == name
    assert parse_spec(spec.canonical()) == spec
    assert schema_accepts(name)


@pytest.mark.parametrize("name", REFUSED_BY_MLFLOW)
def test_a_name_that_mlflow_refuses_is_refused_before_anything_runs(name: str) -> None:
    with pytest.raises(MlflowException):
        _validate_model_name(name)
    with pytest.raises(SpecError, match="register_model"):
        parse_spec(digits(register_model=name))


@pytest.mark.parametrize("name", REFUSED_BY_US)
def test_control_characters_and_overlong_names_are_refused(name: str) -> None:
    with pytest.raises(SpecError, match="register_model"):
        parse_spec(digits(register_model=name))


def test_without_a_name_nothing_is_asked_for() -> None:
    assert parse_spec(digits()).canonical()["register_model"] is None
    assert schema_accepts(None)
