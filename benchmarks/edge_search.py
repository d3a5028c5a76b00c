"""What an edge costs: the search of kind edge against a grid of the same resolution, in steps really trained.

    python -m benchmarks.edge_search [--preset mnist-clip-lr] [--resolution 1.1] [--cells 5] [--seeds 2]

Both train the first cells of the preset, with the same code and without Ray, and are judged by the same
analysis. A step is one update of one trial; trials that broke early count what they trained. No time is
measured, so that nothing else on the machine changes the numbers.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.plan import Plan, PlannedTrial, cell_key, make_plan
from sweeps.presets import load_preset
from sweeps.rounds import Result
from sweeps.search import Scale
from sweeps.spec import SweepSpec, parse_spec
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord
from trainers.signature import static_signature

LR = "optimizer.lr"


@dataclass(frozen=True)
class Ended:
    """A trial that was trained."""

    trial: PlannedTrial
    record: TrialRecord


def train(trials: Sequence[PlannedTrial]) -> list[Ended]:
    """Train trials in packs of a signature."""
    packs: dict[str, list[PlannedTrial]] = {}
    for trial in trials:
        packs.setdefault(static_signature(trial.config), []).append(trial)
    ended = []
    for pack in packs.values():
        by_number = {trial.number: trial for trial in pack}
        run = PackRun([PackTrial(trial.number, trial.config) for trial in pack])
        while not run.finished:
            ended += [Ended(by_number[record.number], record) for record in run.advance(60.0)]
    return ended


def search(plan: Plan) -> list[Ended]:
    """The rounds of an adaptive plan, one after another."""
    course = plan.course()
    waiting, ended = course.start({}), []
    while waiting:
        new = train(waiting)
        ended += new
        waiting = course.tell({entry.trial.number: Result.of(entry.record, None) for entry in new})
    return ended


def spec_of(preset: str, num_cells: int, num_seeds: int, **changes: Any) -> SweepSpec:
    """The preset's spec with other learning rates, a search, and fewer values on its first axis."""
    document = load_preset(preset).canonical()
    domain = next(iter(key for key in document["axes"][LR] if key != "when"))
    lo, hi = document["axes"][LR][domain][:2]
    others = {path: axis for path, axis in document["axes"].items() if path != LR}
    first = next(iter(others))
    per_value = math.prod(len(axis["values"]) for path, axis in others.items() if path != first)
    others[first]["values"] = others[first]["values"][: max(num_cells // per_value, 1)]
    return parse_spec(
        document
        | {"axes": others | {LR: {"log_uniform": [lo, hi]}}, "seeds": num_seeds, "search": {"kind": "edge"}}
        | changes
    )


def as_grid(spec: SweepSpec, resolution: float) -> SweepSpec:
    """The same cells on a grid whose neighbours are one resolution apart."""
    scale = Scale.of(spec.axes[LR])
    assert scale is not None
    num_points = math.ceil(scale.span / math.log(resolution)) + 1
    document = spec.canonical()
    document["axes"][LR] = {"log_grid": [scale.lo, scale.hi, num_points]}
    return parse_spec(document | {"search": {"kind": "grid"}})


def edges_of(ended: Sequence[Ended]) -> dict[str, Edge]:
    """Each cell's edge, by the cell."""
    cells: dict[str, dict[float, list[Ended]]] = {}
    for entry in ended:
        rates = cells.setdefault(cell_key(entry.trial.config), {})
        rates.setdefault(entry.trial.config.optimizer.lr, []).append(entry)
    return {cell: find_edge(_points(rates), 0) for cell, rates in cells.items()}


def _points(rates: dict[float, list[Ended]]) -> list[LrPoint]:
    return [
        LrPoint(lr, tally_outcomes([entry.record.verdict.outcome for entry in rates[lr]]), None, None, None)
        for lr in sorted(rates)
    ]


def main() -> None:
    """Train both and print them side by side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="mnist-clip-lr")
    parser.add_argument("--resolution", type=float, default=1.1)
    parser.add_argument("--cells", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--values-per-round", type=int, default=2)
    options = parser.parse_args()
    kind = {"kind": "edge", "resolution": options.resolution, "values_per_round": options.values_per_round}
    spec = spec_of(options.preset, options.cells, options.seeds, search=kind)
    found = {
        "edge": search(make_plan(spec)),
        "grid": train(make_plan(as_grid(spec, options.resolution)).trials),
    }
    print(f"{options.preset}, resolution {options.resolution:g}, {options.seeds} seeds")
    print(f"{'search':8}{'trials':>8}{'steps':>12}")
    steps = {kind: sum(entry.record.num_steps_done for entry in ended) for kind, ended in found.items()}
    for kind, ended in found.items():
        print(f"{kind:8}{len(ended):>8,}{steps[kind]:>12,}")
    print(f"grid / edge: {steps['grid'] / steps['edge']:.1f} × as many steps\n")
    edges = {kind: edges_of(ended) for kind, ended in found.items()}
    for cell, edge in edges["edge"].items():
        print(f"edge {edge.bracket:28} grid {edges['grid'][cell].bracket:28} {_label(cell, found['edge'])}")


def _label(cell: str, ended: Sequence[Ended]) -> str:
    first = next(entry.trial for entry in ended if cell_key(entry.trial.config) == cell)
    return " ".join(f"{path}={value}" for path, value in first.axes.items() if path != LR)


if __name__ == "__main__":
    main()
