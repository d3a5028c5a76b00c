"""From the text of a request to a plan, and from a plan to a sweep in the ledger."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ConfigDict, Field, StrictBool, ValidationError

from service.schemas import PlanAnswer
from sweeps.errors import ConflictError
from sweeps.ledger.base import NewSweep
from sweeps.plan import Plan, make_plan
from sweeps.presets import load_preset
from sweeps.spec import SpecError, SpecProblem, SweepSpec, parse_spec
from trainers.kinds import Frozen

LONGEST_PRESET_REQUEST = 1000
"""Characters; a preset's name and one flag fit well, and anything longer is a spec."""


class PresetRequest(Frozen):
    """A sweep by a preset's name, instead of a spec."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset: str = Field(max_length=100, description="a name from GET /v1/presets")
    small: StrictBool = Field(False, description="the preset's small version")


def plan_of_text(text: str) -> Plan:
    """The plan of a spec in YAML or JSON, or of a preset request; raises `SpecError` with all problems."""
    return make_plan(spec_of_text(text))


def plan_of_parts(parts: Mapping[str, Any]) -> Plan:
    """The plan of a spec as a mapping; raises `SpecError` with all problems."""
    return make_plan(parse_spec(parts))


def extended_plan(sweep_id: str, spec: Mapping[str, Any], changes: Mapping[str, Any]) -> Plan:
    """The plan with parts of the spec replaced; every trial of the earlier plan keeps its number and config.

    Raises `SpecError` for a spec that cannot be used, and `ConflictError` for one that does not extend.
    """
    before, after = plan_of_parts(spec), plan_of_parts({**spec, **changes})
    if before.is_adaptive or after.is_adaptive:
        raise ConflictError(f"sweep {sweep_id} decides on its trials as it goes: clone it to search on")
    for ours, theirs in zip(before.trials, after.trials, strict=False):
        if (ours.number, ours.config) != (theirs.number, theirs.config):
            raise ConflictError(
                f"trial {ours.number} of sweep {sweep_id} would become another one; an extension only adds "
                "trials behind those that are planned (more of a random search, more values of the first "
                "axis): clone the sweep instead"
            )
    if len(after.trials) <= len(before.trials):
        num_trials = f"{len(before.trials):,} trials planned, and would have {len(after.trials):,}"
        raise ConflictError(f"sweep {sweep_id} has {num_trials}: nothing is added")
    return after


def spec_of_text(text: str) -> SweepSpec:
    """The spec that the text holds or names."""
    request = _preset_request(text)
    return load_preset(request.preset, small=request.small) if request else parse_spec(text)


def _preset_request(text: str) -> PresetRequest | None:
    if len(text) > LONGEST_PRESET_REQUEST or "preset" not in text:
        return None
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(value, dict) or "preset" not in value:
        return None
    try:
        return PresetRequest.model_validate(value)
    except ValidationError as error:
        problems = [_problem(item["loc"], item["input"], item["msg"]) for item in error.errors()]
        raise SpecError(problems) from None


def _problem(place: tuple[int | str, ...], value: Any, message: str) -> SpecProblem:
    path = ".".join(str(part) for part in place)
    known = path in PresetRequest.model_fields
    return SpecProblem(path, value, message if known else "nothing but preset and small")


def new_sweep(plan: Plan, idempotency_key: str | None) -> NewSweep:
    """What the ledger stores of a plan."""
    spec = plan.spec
    return NewSweep(
        spec.name,
        spec.canonical(),
        len(plan.trials),
        dict(spec.tags),
        idempotency_key,
        max_trials=plan.max_trials if plan.is_adaptive else None,
    )


def plan_answer(plan: Plan) -> PlanAnswer:
    """The plan in numbers."""
    return PlanAnswer(name=plan.spec.name, **plan.summary().to_json(), spec=plan.spec.canonical())
