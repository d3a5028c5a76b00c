"""gradsweep beside what a user would write otherwise: the same trials, equally complete in MLflow.

    python -m benchmarks [--cases digits_mlp_128 …] [--contestants gradsweep …] [--runs 3] [--round N]

Contestants take turns, round after round, each in a process tree of its own. Results are written after every
turn to benchmarks/results/latest.json and latest.md, and added to those that are there already; `--fresh`
forgets those first.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.contestants import CONTESTANTS
from benchmarks.machine import describe
from benchmarks.measurement import Measurement, environment
from benchmarks.results_file import document, merged, read
from benchmarks.table import render

RESULTS = Path(__file__).parent / "results"

TIMED: dict[str, dict[str, int]] = {
    "ray_tune_documented": {"digits_mlp_128": 16, "digits_mlp_1024": 16, "rnn50_64": 12, "cnn28_16": 4},
    "ray_tune_tuned": {"digits_mlp_128": 64, "digits_mlp_1024": 128, "rnn50_64": 32, "cnn28_16": 8},
    "optuna_processes": {"digits_mlp_1024": 256, "rnn50_64": 32, "cnn28_16": 8},
    "bare_loop": {"digits_mlp_1024": 256, "cnn28_16": 8},
}
"""How many trials of a case a contestant trains, where all would take minutes."""


def main() -> None:
    """Measure what was asked for."""
    options = _parser().parse_args()
    path = RESULTS / "latest.json"
    known = [] if options.fresh else read(path)
    first = options.round or 1 + max((measured.round for measured in known), default=0)
    for number in range(first, first + options.runs):
        for contestant in options.contestants:
            known = merged(known, take_turn(number, contestant, options.cases, all_trials=options.all_trials))
            write(known, path)
    print((RESULTS / "latest.md").read_text(encoding="utf-8"))


def take_turn(number: int, contestant: str, cases: list[str], *, all_trials: bool) -> list[Measurement]:
    """One contestant at these cases, in a process tree of its own."""
    parts = {} if all_trials else TIMED.get(contestant, {})
    orders = [f"{name}={parts.get(name, CASES[name].num_trials)}" for name in cases]
    print(f"round {number}: {contestant} at {' '.join(orders)}", flush=True)
    argv = [sys.executable, "-m", "benchmarks.turn", str(number), contestant, *orders]
    process = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment())
    if process.returncode:
        raise SystemExit(f"{contestant} failed:\n{process.stderr[-4000:]}")
    lines = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]
    found = [Measurement(**{**row, "problems": tuple(row["problems"])}) for row in lines]
    for measured in found:
        print(f"  {measured.case}: {measured.seconds:.1f} s {'; '.join(measured.problems)}", flush=True)
    return found


def write(measurements: list[Measurement], path: Path) -> None:
    """Both files, anew."""
    machine = describe()
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(document(measurements, machine), indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(render(measurements, machine), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--cases", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    add("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), metavar="CONTESTANT")
    add("--runs", type=int, default=3, help="rounds")
    add("--round", type=int, help="number of the first round, to add to one that is there")
    add("--fresh", action="store_true", help="forget earlier results")
    add("--all-trials", action="store_true", help="train every trial, however long it takes")
    return parser


if __name__ == "__main__":
    main()
