"""The JSON Schema of a spec, for editors and for other programs."""

from typing import Any

from sweeps.spec.blame import NOT_IN_BASE
from sweeps.spec.model import SweepSpec
from sweeps.spec.settings import Settings
from trainers.config import TrialConfig

TRIAL_PREFIX = "Trial."
"""Before the names of a trial's parts, since a kind of trial may be called what a domain is called."""


def json_schema() -> dict[str, Any]:
    """The spec as JSON Schema 2020-12, kinds and settings included; a new dict at every call.

    It says what parts a spec may have. What only the whole can show, such as a condition that never holds,
    is `parse_spec`'s to find.
    """
    spec = SweepSpec.model_json_schema()
    trial = TrialConfig.model_json_schema(ref_template=f"#/$defs/{TRIAL_PREFIX}{{model}}")
    for name, part in trial["$defs"].items():
        # An axis may supply what the base leaves out.
        part.pop("required", None)
        spec["$defs"][f"{TRIAL_PREFIX}{name}"] = part
    spec["properties"]["workload"] |= {"$ref": f"#/$defs/{TRIAL_PREFIX}WorkloadConfig"}
    spec["properties"]["base"] |= {
        "properties": {name: part for name, part in trial["properties"].items() if name not in NOT_IN_BASE},
        "additionalProperties": False,
    }
    del spec["properties"]["workload"]["additionalProperties"]
    spec["properties"]["axes"]["propertyNames"] = {"pattern": _any_path()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **spec}


def _any_path() -> str:
    paths = Settings(TrialConfig).paths
    return "^(" + "|".join(_pattern(path) for path in paths) + ")$"


def _pattern(path: str) -> str:
    return path.replace(".0", ".[0-9]+").replace(".", r"\.").replace("*", ".+")
