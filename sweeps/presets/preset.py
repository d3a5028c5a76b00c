"""A preset: a sweep that comes with gradsweep, in full size and in small."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sweeps.spec import SweepSpec, parse_spec

MERGED = frozenset({"workload", "base", "axes", "resources"})
"""Parts of a spec of which the small version replaces single entries; other parts it replaces whole."""


@dataclass(frozen=True)
class PresetSeconds:
    """How long a preset takes, measured once; see `docs/presets.md` for when and where."""

    full: float
    small: float


@dataclass(frozen=True)
class Preset:
    """One preset: what it shows, its spec as written, and what its small version writes otherwise.

    `seconds` is what each size took on 2 processors, from the command to its report.
    """

    name: str
    title: str
    description: str
    spec: Mapping[str, Any]
    small: Mapping[str, Any]
    seconds: PresetSeconds

    def written(self, *, small: bool = False) -> dict[str, Any]:
        """The spec in full size, or the small one, whose name says so, without any default."""
        written = {"name": self.name, **self.spec}
        return _smaller(written, self.small) if small else written

    def sweep_spec(self, *, small: bool = False) -> SweepSpec:
        """The same, parsed."""
        return parse_spec(self.written(small=small))

    def to_json(self) -> dict[str, Any]:
        """The preset as plain JSON, its spec with every default written out."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "spec": self.sweep_spec().canonical(),
            "small": self.sweep_spec(small=True).canonical(),
            "seconds": asdict(self.seconds),
        }


def _smaller(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    smaller: dict[str, Any] = {**spec, "name": f"{spec['name']}-small"}
    for part, change in changes.items():
        smaller[part] = {**smaller.get(part, {}), **change} if part in MERGED else change
    return smaller
