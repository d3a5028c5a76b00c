"""The results as Markdown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.contestants import CONTESTANTS
from benchmarks.measurement import Measurement
from benchmarks.results_file import OURS, Spread, ratio, seconds
from benchmarks.targets import TARGETS

COLUMNS = (
    "contestant",
    "seconds",
    "timed",
    "ratio",
    "target",
    "start-up",
    "first result",
    "CPU ms a trial",
    "other programs",
    "numbers a trial",
    "complete",
)


def render(measurements: Sequence[Measurement], machine: Mapping[str, Any]) -> str:
    """The whole page: where, a table for each case, who the contestants are."""
    cases = list(dict.fromkeys(measured.case for measured in measurements))
    parts = ["# Side by side", _where(measurements, machine)]
    parts += [_case_table(case, [m for m in measurements if m.case == case]) for case in cases]
    parts.append(
        "## Contestants\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in CONTESTANTS.items())
    )
    return "\n\n".join(parts) + "\n"


def _where(measurements: Sequence[Measurement], machine: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    times = [measured.measured_at for measured in measurements]
    days = dict.fromkeys(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}" for at in sorted(times))
    commits = dict.fromkeys(measured.commit for measured in measurements)
    return (
        f"{machine['num_cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, "
        f"{machine['system']}; Python {machine['python']}, {versions}. Measured {', '.join(days)} by "
        f"`make bench`, commits {', '.join(commits)}.\n\n"
        "Wall seconds from the order to the last trial in MLflow, everything already started: median "
        "(smallest to largest) over rounds in which the contestants took turns. The ratio is the time of the "
        "contestant over that of gradsweep in the same round. *Timed* says how many trials were trained; "
        "where those are not all, the rest is taken to go at the pace of the second half of them. *Other "
        "programs* is how many of the machine's cores something else kept busy meanwhile."
    )


def _case_table(case: str, measurements: Sequence[Measurement]) -> str:
    rows = [_row(case, name, measurements) for name in CONTESTANTS if seconds(measurements, case, name)]
    head = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
    return "\n".join([f"## {case}\n", head, *rows])


def _row(case: str, name: str, measurements: Sequence[Measurement]) -> str:
    mine = [measured for measured in measurements if measured.contestant == name]
    latest = mine[-1]
    first = [m.first_result_seconds for m in mine if m.first_result_seconds is not None]
    cells = [
        f"`{name}`",
        _spread(Spread.of([measured.seconds for measured in mine])),
        f"{latest.num_timed} of {latest.num_trials}",
        *_ratio_cells(case, name, measurements),
        f"{Spread.of([measured.start_seconds for measured in mine]).median:.1f} s",
        f"{Spread.of(first).median:.2f} s" if first else "–",
        f"{1000 * Spread.of([m.cpu_seconds / m.num_timed for m in mine]).median:.0f}",
        f"{Spread.of([m.others_cpu_seconds / m.timed_seconds for m in mine]).median:.2f}",
        str(latest.points_per_trial or "–"),
        _complete(latest),
    ]
    return f"| {' | '.join(cells)} |"


def _ratio_cells(case: str, name: str, measurements: Sequence[Measurement]) -> tuple[str, str]:
    found = ratio(measurements, case, name)
    if name == OURS or found is None:
        return "–", "–"
    target = TARGETS.get(case, {}).get(name)
    if target is None:
        return _spread(found), "–"
    mark = "reached" if found.median >= target else "missed"
    return _spread(found), f"≥ {target:.3g}: {mark}"


def _spread(spread: Spread) -> str:
    if spread.count == 1:
        return f"{spread.median:.3g}"
    return f"{spread.median:.3g} ({spread.smallest:.3g} to {spread.largest:.3g})"


def _complete(measured: Measurement) -> str:
    if not measured.points_per_trial:
        return "keeps nothing"
    return "; ".join(measured.problems) or "yes"
