"""The JSON Schema of a spec, for editors and for other programs."""

from typing import Any

from pydantic.json_schema import models_json_schema

from sweeps.spec.blame import NOT_IN_BASE
from sweeps.spec.model import SweepSpec
from sweeps.spec.settings import Settings
from trainers.config import TrialConfig


def json_schema() -> dict[str, Any]:
    """The spec as JSON Schema 2020-12, kinds and settings included; a new dict at every call.

    It says what parts a spec may have. What only the whole can show, such as a condition that never holds,
    is `parse_spec`'s to find.
    """
    _, schema = models_json_schema([(SweepSpec, "validation"), (TrialConfig, "validation")])
    parts = schema["$defs"]
    spec, trial = parts.pop("SweepSpec"), parts.pop("TrialConfig")
    for name in TrialConfig.model_json_schema()["$defs"]:
        # An axis may supply what the base leaves out.
        parts[name].pop("required", None)
    spec["properties"]["workload"] |= {"$ref": "#/$defs/WorkloadConfig"}
    spec["properties"]["base"] |= {
        "properties": {name: part for name, part in trial["properties"].items() if name not in NOT_IN_BASE},
        "additionalProperties": False,
    }
    del spec["properties"]["workload"]["additionalProperties"]
    spec["properties"]["axes"]["propertyNames"] = {"pattern": _any_path()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **spec, "$defs": parts}


def _any_path() -> str:
    paths = Settings(TrialConfig).paths
    return "^(" + "|".join(path.replace(".0", ".[0-9]+").replace(".", r"\.") for path in paths) + ")$"
