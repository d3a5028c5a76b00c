"""What the analysis needs of a trial: its learning rate, its cell and how it ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.labels import own_values
from sweeps.ledger.base import TrialRow
from sweeps.search.numbers import plain
from trainers.record import Evidence, OutcomeName
from trainers.rungs import is_stopped_early

LR_PATH = "optimizer.lr"

ENCODE = json.JSONEncoder(sort_keys=True).encode
"""Made once: a sweep of ten thousand trials asks for a hundred thousand keys."""


@dataclass(frozen=True)
class Observation:
    """One ended trial, reduced to what a pure analysis looks at.

    `cell` is equal for trials that share everything except learning rate and seed; `axes` holds what the
    sweep varied, less the learning rate. `loss` is the final evaluation loss, None when it is not finite.
    `is_partial` says that it was stopped before its last step for another reason than breaking: its outcome
    is the one so far, and its loss cannot be compared.
    """

    number: int
    config_number: int
    repeat: int
    lr: float
    cell: str
    axes: dict[str, Any]
    outcome: OutcomeName
    evidence: Evidence
    num_steps: int
    num_steps_done: int
    is_partial: bool
    objective: float | None
    loss: float | None
    initial_loss: float | None
    error: str | None

    @property
    def is_stable(self) -> bool:
        """Only the outcome `stable` counts: what trained with spikes may be lost in a longer run."""
        return self.outcome == "stable"


def observe(row: TrialRow) -> Observation:
    """Read one ledger row."""
    config, record = row.config, row.record
    exploded = record.verdict.outcome == "exploded"
    return Observation(
        number=row.number,
        config_number=row.config_number,
        repeat=row.repeat,
        lr=float(config["optimizer"]["lr"]),
        cell=_cell_key(config),
        axes=_own_settings(row.axes),
        outcome=record.verdict.outcome,
        evidence=record.verdict.evidence,
        num_steps=int(config["steps"]),
        num_steps_done=record.num_steps_done,
        is_partial=is_partial(row),
        objective=None if exploded else row.objective,
        loss=None if exploded else record.final.get("eval_loss"),
        initial_loss=record.final.get("initial_loss"),
        error=record.error,
    )


def is_partial(row: TrialRow) -> bool:
    """Whether a trial was stopped early, and not by breaking."""
    if is_stopped_early(row.record):
        return True
    ended_itself = row.record.verdict.outcome in ("exploded", "diverged", "failed")
    return not ended_itself and row.record.num_steps_done < int(row.config["steps"])


def observe_all(rows: Sequence[TrialRow]) -> tuple[Observation, ...]:
    """All rows by trial number, whatever order they ended in."""
    return tuple(observe(row) for row in sorted(rows, key=lambda row: row.number))


def value_key(value: Any) -> str:
    """Equal for equal axis values, however their mappings are ordered and their numbers written."""
    return ENCODE(_plain_tree(value))


def _cell_key(config: Mapping[str, Any]) -> str:
    shared = {name: value for name, value in config.items() if name != "seed"}
    optimizer = {name: value for name, value in config["optimizer"].items() if name != "lr"}
    return value_key(shared | {"optimizer": optimizer})


def _own_settings(axes: Mapping[str, Any]) -> dict[str, Any]:
    """What each axis itself decides: less the learning rate, and less what an axis inside it sets."""
    own = own_values({**axes, LR_PATH: None})
    return {path: value for path, value in own.items() if path not in (LR_PATH, "seed")}


def _plain_tree(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, dict | Mapping):
        return {str(key): _plain_tree(item) for key, item in value.items()}
    return [_plain_tree(item) for item in value] if isinstance(value, list | tuple) else value
