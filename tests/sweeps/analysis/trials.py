"""Ledger rows made by a formula, so that what an analysis should say is known beforehand."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from sweeps.analysis import Analysis, analyze
from sweeps.ledger.base import TrialRow
from sweeps.spec import SweepSpec
from trainers.record import Curves, Evidence, OutcomeName, TrialRecord, Verdict

INITIAL_LOSS = 2.3
NO_CURVES = Curves(np.array([], np.int64), {}, (), {})
EVIDENCE = {
    "exploded": Evidence("nonfinite_gradient", 17, None, None, "hidden.0", "backward"),
    "diverged": Evidence("loss_above_limit", 40, 3e6, 2.3e6),
}


def make_row(
    number: int,
    lr: float,
    outcome: OutcomeName = "stable",
    *,
    axes: Mapping[str, Any] | None = None,
    repeat: int = 0,
    config_number: int | None = None,
    loss: float | None = 0.5,
    initial_loss: float | None = INITIAL_LOSS,
    steps: int = 300,
    steps_done: int | None = None,
    evidence: Evidence | None = None,
    error: str | None = None,
    curves: Curves = NO_CURVES,
) -> TrialRow:
    """One row. Axes are written into the config too, at their dotted paths."""
    axes = {"optimizer.lr": lr} if axes is None else dict(axes)
    config: dict[str, Any] = {"optimizer": {"kind": "sgd", "lr": lr}, "steps": steps, "seed": number}
    for path, value in axes.items():
        _set(config, path, value)
    final: dict[str, float | None] = {
        "eval_loss": loss, "train_loss": loss, "initial_loss": initial_loss,
        "stability_score": float(outcome == "stable"), "nonfinite": float(outcome == "exploded"),
    }  # fmt: skip
    if "clip_fraction" in curves.scalars:
        final["clip_fraction"] = float(curves.scalars["clip_fraction"].mean())
    return TrialRow(
        sweep_id="s1",
        number=number,
        config_number=number if config_number is None else config_number,
        repeat=repeat,
        config=config,
        axes=axes,
        record=TrialRecord(
            number=number,
            verdict=Verdict(outcome, evidence or EVIDENCE.get(outcome, Evidence(outcome))),
            num_steps_done=steps if steps_done is None else steps_done,
            final=final,
            curves=curves,
            train_seconds=0.1,
            error=error,
        ),
        objective=loss,
        pack=0,
        ended_at=float(number),
        mlflow_run_id=None,
    )


def cell_rows(outcomes: Mapping[float, Sequence[OutcomeName]], **options: Any) -> list[TrialRow]:
    """Rows of one cell: learning rate to the outcomes of its seeds."""
    rows: list[TrialRow] = []
    for config_number, (lr, endings) in enumerate(outcomes.items()):
        for repeat, outcome in enumerate(endings):
            rows.append(
                make_row(len(rows), lr, outcome, repeat=repeat, config_number=config_number, **options)
            )
    return rows


def grid_spec(**changes: Any) -> SweepSpec:
    """A spec of learning rate by clip by initializer, two seeds."""
    document: dict[str, Any] = {
        "name": "clip-vs-lr",
        "axes": {
            "optimizer.lr": {"log_grid": [0.001, 100, 11]},
            "clip": {"values": CLIPS},
            "init": {"values": INITS},
        },
        "seeds": 2,
    }
    return SweepSpec.model_validate(document | changes)


CLIPS: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "global_norm", "max_norm": 0.1},
    {"kind": "global_norm", "max_norm": 1.0},
    {"kind": "value", "max_value": 0.1},
]
INITS: list[dict[str, Any]] = [
    {"kind": "kaiming_normal"},
    {"kind": "orthogonal"},
    {"kind": "normal", "std": 1.0},
]
EDGE_OF_CLIP = (0.5, 20.0, 3.0, 8.0)
FACTOR_OF_INIT = (1.0, 1.3, 0.01)


def true_edge(clip: int, init: int) -> float:
    """Where the formula puts the edge of a cell."""
    return EDGE_OF_CLIP[clip] * FACTOR_OF_INIT[init]


def formula_outcome(lr: float, edge: float, seed: int) -> OutcomeName:
    """Stalled far below the edge, stable below it, then worse and worse; seeds differ a little near it."""
    ratio = lr / (edge * (1.15 if seed % 2 else 0.9))
    bounds: list[tuple[float, OutcomeName]] = [
        (0.0008, "stalled"), (0.8, "stable"), (1.2, "spiky"), (3, "oscillating"), (30, "diverged"),
    ]  # fmt: skip
    return next((name for bound, name in bounds if ratio < bound), "exploded")


def formula_loss(lr: float, edge: float, outcome: OutcomeName) -> float | None:
    """Falls with the learning rate up to the edge, and is not finite where training exploded."""
    if outcome == "exploded":
        return None
    return 2.3 / (1 + 40 * min(lr, edge)) + 0.1 * max(math.log10(lr / edge), 0.0) + 0.05


def grid_rows(
    num_seeds: int = 2, curves: Callable[[float, float, OutcomeName], Curves] = lambda *_: NO_CURVES
) -> list[TrialRow]:
    """The trials of `grid_spec`."""
    rows: list[TrialRow] = []
    lrs = [float(f"{10 ** (-3 + index / 2):.6g}") for index in range(11)]
    for config_number, (init, clip, lr) in enumerate(
        (init, clip, lr) for init in range(len(INITS)) for clip in range(len(CLIPS)) for lr in lrs
    ):
        edge = true_edge(clip, init)
        for repeat in range(num_seeds):
            outcome = formula_outcome(lr, edge, repeat)
            loss = formula_loss(lr, edge, outcome)
            axes = {"optimizer.lr": lr, "clip": CLIPS[clip], "init": INITS[init]}
            rows.append(
                make_row(
                    len(rows), lr, outcome, axes=axes, repeat=repeat, config_number=config_number,
                    loss=None if loss is None else loss * (1 + 0.01 * repeat),
                    curves=curves(lr, edge, outcome),
                )
            )  # fmt: skip
    return rows


@cache
def grid_analysis() -> Analysis:
    """The analysis of the formula's grid, made once."""
    return analyze(grid_spec(), grid_rows())


def _set(config: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        config = config.setdefault(part, {})
    config[last] = value
