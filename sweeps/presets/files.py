"""The presets of this package, one YAML file each."""

from importlib.resources import files

from sweeps.limits import DEFAULT_LIMITS
from sweeps.presets.preset import Preset, PresetSeconds
from sweeps.spec import SpecError, SpecProblem, SweepSpec
from sweeps.spec.document import read_document
from sweeps.spec.fields import nearest


def list_presets() -> tuple[Preset, ...]:
    """Every preset, by name."""
    return tuple(_read(name) for name in _names())


def find_preset(name: str) -> Preset:
    """The preset called `name`; raises `SpecError` naming those that there are."""
    names = _names()
    if name not in names:
        expected = f"one of {', '.join(names)}"
        raise SpecError([SpecProblem("preset", name, expected, nearest(name, names))])
    return _read(name)


def load_preset(name: str, *, small: bool = False) -> SweepSpec:
    """The spec of the preset called `name`; raises `SpecError` naming those that there are."""
    return find_preset(name).sweep_spec(small=small)


def _names() -> list[str]:
    found = (entry.name for entry in files("sweeps.presets").iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def _read(name: str) -> Preset:
    text = files("sweeps.presets").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    tree = read_document(text, DEFAULT_LIMITS).tree
    seconds = PresetSeconds(**tree["seconds"])
    return Preset(name, tree["title"], tree["description"].strip(), tree["spec"], tree["small"], seconds)
