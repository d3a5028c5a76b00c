"""Short names for settings, the same in every map, table, sentence and run name."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

BY_NAME = frozenset({"layer_lr"})
"""Settings that give values to names; what follows one in a path is a single name, dots included."""

LONGEST_LABEL = 40
"""Characters of a value's label; a longer one is cut, and made unique where its axis is listed."""

ABSENT = "–"
"""Label of an axis that does not exist for a trial, because its `when` did not hold."""


def number_label(number: float) -> str:
    """A number at three significant digits, without padding.

    >>> number_label(0.316227766), number_label(100.0), number_label(1e-5), number_label(64)
    ('0.316', '100', '1e-5', '64')
    """
    if isinstance(number, int) and abs(number) < 10_000_000:
        return str(number)
    if not math.isfinite(number):
        return str(number)
    if number and (abs(number) < 1e-3 or abs(number) >= 1e5):
        mantissa, exponent = f"{number:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    rounded = float(f"{number:.3g}")
    return str(int(rounded)) if rounded.is_integer() else str(rounded)


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "seed"), count(2, "seed")
    ('1 seed', '2 seeds')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def value_label(value: Any) -> str:
    """One axis value in a few characters; a kind is its name and its parameters.

    >>> value_label({"kind": "global_norm", "max_norm": 1.0}), value_label({"kind": "none"})
    ('global_norm:1', 'none')
    >>> value_label({"kind": "normal", "std": 1.0}), value_label([128, 64]), value_label(None)
    ('normal(std=1)', '128-64', 'none')
    >>> model = {"kind": "cnn", "channels": [16, 32], "padding": "same"}
    >>> value_label({"data": {"kind": "digit_canvas"}, "model": model})
    'cnn on digit_canvas'
    """
    text = _text(value)
    if len(text) > LONGEST_LABEL and _is_workload(value):
        text = f"{_text(value['model']['kind'])} on {_text(value['data']['kind'])}"
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def axis_labels(paths: Iterable[str]) -> dict[str, str]:
    """A short name for each dotted path: its last part, or more parts where names would be equal.

    >>> axis_labels(["optimizer.lr", "clip", "init.kind", "workload.model.hidden"])
    {'optimizer.lr': 'lr', 'clip': 'clip', 'init.kind': 'init', 'workload.model.hidden': 'hidden'}
    >>> axis_labels(["layer_lr.output"])
    {'layer_lr.output': 'layer_lr.output'}
    """
    paths = list(paths)
    short = {path: _last_part(path) for path in paths}
    names = list(short.values())
    return {path: name if names.count(name) == 1 else path for path, name in short.items()}


def setting_label(axes: Mapping[str, Any], repeat: int | None = None) -> str:
    """A whole setting on one line, with the number of its repeat where one is given.

    >>> setting_label({"optimizer.lr": 0.1, "clip": {"kind": "global_norm", "max_norm": 1.0}}, repeat=2)
    'lr=0.1 clip=global_norm:1 #2'
    """
    names = axis_labels(axes)
    parts = [f"{names[path]}={value_label(value)}" for path, value in own_values(axes).items()]
    if repeat is not None:
        parts.append(f"#{repeat}")
    return " ".join(parts) or "the only setting"


def own_values(axes: Mapping[str, Any]) -> dict[str, Any]:
    """What each axis itself decides: a kind's parameter that another axis sets is left out of it.

    >>> own_values({"clip": {"kind": "global_norm", "max_norm": 1.0}, "clip.max_norm": 0.3})
    {'clip': {'kind': 'global_norm'}, 'clip.max_norm': 0.3}
    """
    return {
        path: {name: item for name, item in value.items() if f"{path}.{name}" not in axes}
        if isinstance(value, Mapping)
        else value
        for path, value in axes.items()
    }


def percent(share: float) -> str:
    """A share in whole per cent, written as everywhere in a report.

    >>> percent(0.631)
    '63 %'
    """
    return f"{100 * share:.0f} %"


def unique_labels(values: Iterable[Any]) -> list[str]:
    """Labels of different values of one axis; equal ones (cut, or rounded) are told apart by a number."""
    labels: list[str] = []
    seen: dict[str, int] = {}
    for value in values:
        label = value_label(value)
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_label(value)
    if isinstance(value, Mapping):
        return _mapping_text(value)
    if isinstance(value, list | tuple):
        numeric = value and all(isinstance(item, int | float) and item >= 0 for item in value)
        joined = ("-" if numeric else ", ").join(_text(item) for item in value)
        return joined if numeric else f"[{joined}]"
    return str(value)


def _is_workload(value: Any) -> bool:
    """Whether `value` is a model with its data, both of some kind."""
    if not isinstance(value, Mapping) or not {"data", "model"} <= value.keys():
        return False
    return all(isinstance(value[name], Mapping) and "kind" in value[name] for name in ("data", "model"))


def _mapping_text(mapping: Mapping[str, Any]) -> str:
    if _is_workload(mapping) and len(mapping) == 2:
        return f"{_text(mapping['model'])} on {_text(mapping['data'])}"
    parameters = {name: value for name, value in mapping.items() if name != "kind"}
    kind = _text(mapping["kind"]) if "kind" in mapping else ""
    if not parameters:
        return kind or "{}"
    only = next(iter(parameters))
    if kind and len(parameters) == 1 and only.startswith(("max_", "min_")):
        return f"{kind}:{_text(parameters[only])}"
    inside = ", ".join(f"{name}={_text(value)}" for name, value in parameters.items())
    return f"{kind}({inside})"


def _last_part(path: str) -> str:
    parts = path.split(".")
    if parts[0] in BY_NAME:
        return path
    return parts[-2] if parts[-1] == "kind" and len(parts) > 1 else parts[-1]
