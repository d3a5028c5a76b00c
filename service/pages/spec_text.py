"""A spec as YAML that a person would write and wants to edit."""

from collections.abc import Mapping
from typing import Any

import yaml

from sweeps.spec import SweepSpec

WIDTH = 96


def spec_text(spec: Mapping[str, Any]) -> str:
    """The spec as YAML, small mappings and lists on one line, parts that say only the default left out."""
    defaults = SweepSpec(name="-").canonical()
    kept = {part: value for part, value in spec.items() if part == "name" or value != defaults.get(part)}
    return yaml.safe_dump(kept, sort_keys=False, default_flow_style=None, width=WIDTH, allow_unicode=True)
