"""Our outcomes against those of slow, independent rules, over some 600 varied trials.

    python -m benchmarks.confusion [--only mlp] [--show] [--write docs/outcomes.md]

Every trial is trained twice: once as anybody would, judged by `trainers.outcomes`; and once four times as
long with every step written down, judged by `benchmarks.slow_rules`, which also gets a control at rest.
Prints the table; `--show` prints every disagreement, `--write` puts the table into the document.
"""

import argparse
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from benchmarks.confusion_trials import GROUPS, HORIZON, RESTING_RATE, Group
from benchmarks.slow_rules import LongRun, slow_outcome
from trainers.config import TrialConfig
from trainers.pack import PackRun, PackTrial
from trainers.record import OUTCOMES, Evidence, OutcomeName, TrialRecord
from trainers.supervised import Supervised

BEGIN, END = "<!-- confusion: begin -->", "<!-- confusion: end -->"
SHOWN: tuple[OutcomeName, ...] = tuple(outcome for outcome in OUTCOMES if outcome != "failed")


@dataclass(frozen=True)
class Judged:
    """One trial with both outcomes, and some numbers to understand a disagreement by."""

    group: str
    setting: str
    ours: OutcomeName
    slow: OutcomeName
    evidence: Evidence
    losses: tuple[float, ...]


def judge_group(group: Group) -> list[Judged]:
    """Train and judge every trial of a group."""
    torch.set_num_threads(1)
    short = list(group.configs(group.rates))
    ours = train(group, short)
    long = train(group, list(group.configs(group.rates, **_every_step(group))))
    resting = train(group, list(group.configs([RESTING_RATE])))
    chance = Supervised.build(short[0].workload, "cpu", torch.float32).baseline_loss
    judged = []
    for index, (config, mine, later) in enumerate(zip(short, ours, long, strict=True)):
        start = resting[index // len(group.rates)].final["initial_loss"]
        assert start is not None
        run = LongRun(later, HORIZON * group.steps, start, chance)
        judged.append(_judged(group, config, mine, run))
    return judged


def train(group: Group, configs: Sequence[TrialConfig]) -> list[TrialRecord]:
    """The records of `configs`, in order, from one pack."""
    trials = [PackTrial(number, config) for number, config in enumerate(configs)]
    run = PackRun(trials, stack_size=len(trials) if group.is_stacked else 1)
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance(1.0)
    return sorted(records, key=lambda record: record.number)


def _every_step(group: Group) -> dict[str, int]:
    steps = HORIZON * group.steps
    return {"steps": steps, "report_every": 1, "eval_every": steps}


def _judged(group: Group, config: TrialConfig, record: TrialRecord, run: LongRun) -> Judged:
    setting = f"lr={config.optimizer.lr:g} {config.clip.kind} {config.init.kind} {config.seed}"
    marks = np.unique(np.linspace(0, len(run.loss) - 1, 9).astype(int))
    levels = [float(np.median(run.loss[max(0, mark - 10) : mark + 10])) for mark in marks]
    verdict = record.verdict
    numbers = (run.first_loss, run.chance or float("nan"), *levels)
    return Judged(group.name, setting, verdict.outcome, slow_outcome(run), verdict.evidence, numbers)


def judge_all(groups: Sequence[Group], num_workers: int | None) -> Iterator[Judged]:
    """Every trial of `groups`, in order, on all cores or `num_workers` of them."""
    with ProcessPoolExecutor(num_workers, mp_context=get_context("spawn")) as pool:
        for group, judged in zip(groups, pool.map(judge_group, groups), strict=True):
            print(f"{group.name}: {len(judged)} trials", file=sys.stderr, flush=True)
            yield from judged


def table(judged: Sequence[Judged]) -> str:
    """The confusion table as Markdown: our outcome down, the slow rules' across."""
    counts = Counter((one.ours, one.slow) for one in judged)
    lines = ["| ours ↓, slow → | " + " | ".join(SHOWN) + " | all |", "|---" * (len(SHOWN) + 2) + "|"]
    for ours in SHOWN:
        row = [counts[ours, slow] for slow in SHOWN]
        cells = [str(count) if count else "·" for count in [*row, sum(row)]]
        lines.append(f"| **{ours}** | " + " | ".join(cells) + " |")
    columns = [sum(counts[ours, slow] for ours in SHOWN) for slow in SHOWN]
    lines.append("| all | " + " | ".join(str(count) for count in [*columns, sum(columns)]) + " |")
    return "\n".join(lines)


def summary(judged: Sequence[Judged]) -> str:
    """How many agree, where and when."""
    agreed = sum(one.ours == one.slow for one in judged)
    share = 100 * agreed / len(judged)
    when = datetime.now(UTC).date()
    return (
        f"{agreed} of {len(judged)} trials agree ({share:.1f} %). `python -m benchmarks.confusion`, {when}, "
        f"{cpu_count()} cores, {platform.system()}, torch {torch.__version__.split('+')[0]}."
    )


def write(path: Path, text: str) -> None:
    """Put `text` between the marks of the document."""
    document = path.read_text()
    before, rest = document.split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


def show(judged: Sequence[Judged]) -> None:
    """Print every disagreement: first loss, loss of a constant answer, and the loss at nine marks."""
    for one in sorted(judged, key=lambda one: (one.ours, one.slow, one.group)):
        if one.ours != one.slow:
            losses = " ".join(f"{loss:.3g}" for loss in one.losses)
            evidence = one.evidence
            why = f"{evidence.rule} ({evidence.value} against {evidence.threshold} at {evidence.step})"
            print(f"{one.ours} / {one.slow}: {one.group}: {one.setting}: {losses}: {why}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", help="groups whose name contains this")
    parser.add_argument("--workers", type=int, help="processes; one a core unless given")
    parser.add_argument("--show", action="store_true", help="print every disagreement")
    parser.add_argument("--write", type=Path, help="the document that holds the table")
    arguments = parser.parse_args()
    started = perf_counter()
    judged = list(judge_all([group for group in GROUPS if arguments.only in group.name], arguments.workers))
    text = f"{summary(judged)}\n\n{table(judged)}"
    if arguments.show:
        show(judged)
    if arguments.write:
        write(arguments.write, text)
    print(text, f"\n{perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
