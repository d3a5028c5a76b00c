"""What the mirror into MLflow costs a sweep: the same sweep with and without it, in turns.

    python -m benchmarks.mirror [--case digits_mlp_1024] [--rounds 3]

A runner on a ledger of its own, once with MLflow's SQLite store and once without. Prints the seconds from the
claim to the last trial, how long after the end of the sweep MLflow had everything, and what a trial's run
holds there.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cases import CASES, Case
from benchmarks.completeness import logged_trials
from benchmarks.guarded import guarded
from benchmarks.measurement import SETTLE_SECONDS, environment
from service.submission import new_sweep
from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import ENDED, Sweep
from sweeps.plan import make_plan
from sweeps.spec import parse_spec

LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Cost:
    """Seconds from claim to end, seconds from there until MLflow had all, metric values a trial there."""

    sweep_seconds: float
    lag_seconds: float
    points_per_trial: int


@contextmanager
def runner(folder: Path, mlflow_uri: str) -> Iterator[Ledger]:
    """A runner that is ready, and its ledger; without MLflow when the address is empty."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger = open_ledger(url)
    argv = [sys.executable, "-m", "sweeps.runner", "--ledger", url, "--mlflow", mlflow_uri]
    try:
        with guarded("runner", argv, environment(), folder) as parts:
            while not ledger.live_runners(30.0):
                parts.check()
                time.sleep(LOOK_SECONDS)
            time.sleep(SETTLE_SECONDS)
            yield ledger
    finally:
        ledger.close()


def train(ledger: Ledger, case: Case, num_trials: int, *, is_mirrored: bool) -> tuple[Sweep, float]:
    """Train the first trials of a case; the sweep, and the seconds until MLflow had what ended with it."""
    plan = make_plan(parse_spec(case.spec(num_trials)))
    sweep_id = ledger.create_sweep(new_sweep(plan, None)).id
    while ledger.get_sweep(sweep_id).status not in ENDED:
        time.sleep(LOOK_SECONDS)
    while is_mirrored and ledger.get_sweep(sweep_id).num_mirrored < num_trials:
        time.sleep(LOOK_SECONDS)
    sweep = ledger.get_sweep(sweep_id)
    assert sweep.ended_at is not None
    return sweep, time.time() - sweep.ended_at


def cost(case: Case, *, is_mirrored: bool) -> Cost:
    """Train a few trials to warm up, then all."""
    with tempfile.TemporaryDirectory(prefix="gs-mirror-") as name:
        folder = Path(name)
        uri = f"sqlite:///{folder / 'mlflow.db'}" if is_mirrored else ""
        with runner(folder, uri) as ledger:
            train(ledger, case, case.num_per_lr, is_mirrored=is_mirrored)
            time.sleep(SETTLE_SECONDS)
            started_at = time.time()
            sweep, lag = train(ledger, case, case.num_trials, is_mirrored=is_mirrored)
        assert sweep.started_at is not None
        assert sweep.ended_at is not None
        trials = logged_trials(folder, started_at) if is_mirrored else []
        points = sum(trials[0].num_points.values()) if trials else 0
        return Cost(sweep.ended_at - sweep.started_at, lag, points)


def main() -> None:
    """Measure in turns, print each turn and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--case", choices=CASES, default="digits_mlp_1024")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    case = CASES[options.case]
    found: dict[bool, list[Cost]] = {True: [], False: []}
    for _ in range(options.rounds):
        for is_mirrored in (False, True):
            found[is_mirrored].append(cost(case, is_mirrored=is_mirrored))
            print(f"{'with' if is_mirrored else 'without'} the mirror: {found[is_mirrored][-1]}", flush=True)
    without, mirrored = (median(turn.sweep_seconds for turn in found[kind]) for kind in (False, True))
    lag = median(turn.lag_seconds for turn in found[True])
    print(
        f"{case.name}: the mirror adds {mirrored / without - 1:.1%} and is done {lag:.1f} s after the sweep"
    )


if __name__ == "__main__":
    main()
