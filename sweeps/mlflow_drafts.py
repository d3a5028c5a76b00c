"""A run as gradsweep wants MLflow to have it, before any MLflow is involved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, NamedTuple

from sweeps.model_version import ModelVersion

RunStatus = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]

LONGEST_TAG = 8000
LONGEST_PARAM = 6000
LONGEST_KEY = 250
"""What MLflow stores of one value or name, in characters; it refuses more."""


class MetricPoint(NamedTuple):
    """One finite value of a metric. A tuple, because a trial has hundreds."""

    key: str
    value: float
    step: int
    timestamp_ms: int


@dataclass(frozen=True)
class Artifact:
    """A file of a run; `path` may have folders, such as `plots/map.png`."""

    path: str
    data: bytes


@dataclass(frozen=True)
class UsedDataset:
    """What a run learnt from; runs with equal `name` and `digest` share it. `source` is JSON."""

    name: str
    digest: str
    source: str
    source_type: str = "gradsweep"
    context: str = "training"


@dataclass(frozen=True)
class RunDraft:
    """Everything about one run.

    The tags in `identity` tell it from all other runs, so that one that was created before can be found.
    It is created with them and with `tags`; `closing_tags` are set, or set anew, with the rest.
    `model` is the version that its artifacts are registered as.
    """

    identity: Mapping[str, str]
    name: str
    status: RunStatus
    started_at: float
    ended_at: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    closing_tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[MetricPoint, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    dataset: UsedDataset | None = None
    model: ModelVersion | None = None


def milliseconds(seconds: float) -> int:
    """Unix seconds as MLflow counts time."""
    return round(seconds * 1000)


def cut(text: str, longest: int) -> str:
    """`text`, with an ellipsis where it was too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def as_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as MLflow accepts them: other characters in names become underscores, long values are cut.

    >>> as_tags({"team/β": "vision"})
    {'team/_': 'vision'}
    """
    return {
        re.sub(r"[^/A-Za-z0-9_.\- :]", "_", key)[:LONGEST_KEY]: cut(value, LONGEST_TAG)
        for key, value in tags.items()
    }


def points(numbers: Mapping[str, float | None], at: float) -> tuple[MetricPoint, ...]:
    """One number per metric, at step 0 and Unix time `at`; None, NaN and infinity are left out."""
    stamp = milliseconds(at)
    return tuple(
        MetricPoint(name, float(value), 0, stamp)
        for name, value in numbers.items()
        if value is not None and isfinite(value)
    )


def flat_params(config: Mapping[str, Any]) -> dict[str, str]:
    """Nested settings under dotted names; lists of numbers stay one value, empty ones and None are left out.

    >>> flat_params({"optimizer": {"kind": "sgd", "lr": 0.1}, "hidden": [128, 64], "regularisers": []})
    {'optimizer.kind': 'sgd', 'optimizer.lr': '0.1', 'hidden': '[128, 64]'}
    >>> flat_params({"gradient": [{"kind": "noise"}], "schedule": None})
    {'gradient.0.kind': 'noise'}
    """
    return {name: cut(value, LONGEST_PARAM) for name, value in _leaves("", config)}


def _leaves(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [leaf for key, item in value.items() for leaf in _leaves(_joined(name, key), item)]
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping | list | tuple) for item in value):
            return [leaf for place, item in enumerate(value) for leaf in _leaves(_joined(name, place), item)]
        return [(name, str(list(value)))] if value else []
    return [] if value is None else [(name, str(value))]


def _joined(name: str, key: object) -> str:
    return f"{name}.{key}" if name else str(key)
