"""Sweeps that are not a grid of learning rates: what an analysis must survive and stay honest about."""

import random
from functools import cache
from typing import Any

from sweeps.analysis import Analysis, analyze
from sweeps.ledger.base import TrialRow
from sweeps.spec import SweepSpec
from tests.sweeps.analysis.trials import cell_rows, formula_outcome, grid_rows, grid_spec, make_row
from trainers.record import OutcomeName


def spec_of(axes: dict[str, Any], **changes: Any) -> SweepSpec:
    return SweepSpec.model_validate({"name": "odd", "axes": axes} | changes)


def random_rows(number: int, with_momentum: bool) -> list[TrialRow]:
    draw = random.Random(0)
    rows = []
    for n in range(number):
        lr, clip = 10 ** draw.uniform(-3, 2), draw.choice(["none", "norm"])
        axes: dict[str, Any] = {"optimizer.lr": lr, "clip": clip}
        if with_momentum:
            axes |= {"optimizer.momentum": draw.uniform(0, 0.99), "batch_size": draw.randint(1, 512)}
        outcome = formula_outcome(lr, 0.5 if clip == "none" else 5.0, n)
        rows.append(
            make_row(n, lr, outcome, axes=axes, loss=None if outcome == "exploded" else 0.3 + lr / 100)
        )
    return rows


def conditional_rows() -> list[TrialRow]:
    settings = [
        {"clip.kind": "none"},
        *({"clip.kind": "global_norm", "clip.max_norm": n} for n in (0.1, 1.0)),
    ]
    return [
        make_row(number, lr, "stable" if lr < 1 else "exploded", axes={"optimizer.lr": lr} | setting)
        for number, (setting, lr) in enumerate((setting, lr) for setting in settings for lr in (0.1, 1, 5))
    ]  # fmt: skip


def optimizer_rows() -> list[TrialRow]:
    kinds = [{"kind": "sgd", "lr": lr} for lr in (0.1, 1.0)] + [
        {"kind": "adam", "lr": lr} for lr in (0.001, 0.01)
    ]
    return [make_row(n, kind["lr"], axes={"optimizer": kind}) for n, kind in enumerate(kinds)]


def structured_rows() -> list[TrialRow]:
    axes = [
        {"workload.model.hidden": hidden, "gradient": gradient, "batch_size": size}
        for hidden in ([64], [128, 64])
        for gradient in ([], [{"kind": "noise", "eta": 0.1}])
        for size in (32, "full")
    ]
    return [make_row(n, 0.1, "stable" if n % 3 else "diverged", axes=values) for n, values in enumerate(axes)]


def missing_numbers_rows() -> list[TrialRow]:
    outcomes: list[OutcomeName] = ["stable", "diverged", "exploded"]
    return [make_row(n, 10.0**n, outcome, loss=None, initial_loss=None) for n, outcome in enumerate(outcomes)]


@cache
def odd_analysis(name: str) -> Analysis:
    """The analysis of an odd sweep, made once."""
    spec, rows = ODD_SWEEPS[name]
    return analyze(spec, rows, num_planned=len(rows) + 3)


LR_AXIS = {"optimizer.lr": {"log_grid": [0.1, 10, 3]}}

ODD_SWEEPS: dict[str, tuple[SweepSpec, list[TrialRow]]] = {
    "nothing ended": (spec_of(LR_AXIS), []),
    "one trial": (spec_of({}), [make_row(0, 0.1, axes={})]),
    "one trial that exploded": (spec_of({}), [make_row(0, 0.1, "exploded", axes={}, loss=None)]),
    "all failed": (spec_of(LR_AXIS), cell_rows({0.1: ["failed"], 1.0: ["failed"]}, loss=None)),
    "all stable": (spec_of(LR_AXIS), cell_rows({0.1: ["stable"], 1.0: ["stable"]})),
    "all exploded": (spec_of(LR_AXIS), cell_rows({0.1: ["exploded"], 1.0: ["exploded"]}, loss=None)),
    "cut short": (grid_spec(), grid_rows()[::2][:60]),
    "no lr axis": (spec_of({"batch_size": {"values": [8, 64]}}), [
        make_row(n, 0.1, axes={"batch_size": size}) for n, size in enumerate((8, 64))
    ]),
    "random over everything": (spec_of({}, search={"kind": "grid"}), random_rows(100, with_momentum=True)),
    "random lr by clip": (spec_of({}), random_rows(80, with_momentum=False)),
    "an axis with a condition": (spec_of({}), conditional_rows()),
    "whole optimizers": (spec_of({}), optimizer_rows()),
    "lists and words": (spec_of({}), structured_rows()),
    "no number is finite": (spec_of({}), missing_numbers_rows()),
    "hostile names": (spec_of({}, name="<script>alert(1)</script> | ``` $x$"), [
        make_row(n, 0.1, axes={"note": word}) for n, word in enumerate(["<b>", "a|b", "]]>", "é" * 90, ""])
    ]),
}  # fmt: skip
