"""Trials: results in, pages of results out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sweeps.errors import NotFoundError
from sweeps.ledger import tables
from sweeps.ledger.base import EndedTrial, PackRow, Standing, Sweep, TrialRow
from sweeps.ledger.curve_archive import to_archive
from sweeps.ledger.database import now_seconds
from sweeps.ledger.events import add_event
from sweeps.ledger.leases import hold
from sweeps.ledger.strict_json import finite_number
from sweeps.ledger.trial_rows import TRIAL_COLUMNS, as_trial, trial_values
from trainers.record import PackRecord


@dataclass(frozen=True)
class PackedTrial:
    """A result with its curves as the bytes that the ledger keeps."""

    ended: EndedTrial
    curves: bytes


def pack_curves(trials: Sequence[EndedTrial]) -> list[PackedTrial]:
    """Each number once, the first result of it."""
    once = {trial.number: trial for trial in reversed(trials)}
    return [PackedTrial(once[number], to_archive(once[number].record.curves)) for number in sorted(once)]


def plan_trials(
    connection: Connection, sweep_id: str, runner_id: str, num_trials: int, max_trials: int | None
) -> None:
    """Note how many trials are planned by now, and tell of it."""
    sweep = hold(connection, sweep_id, runner_id)
    if (sweep.num_trials, sweep.max_trials) == (num_trials, max_trials):
        return
    numbers = {"num_trials": num_trials, "max_trials": max_trials}
    connection.execute(update(tables.sweeps).where(tables.sweeps.c.id == sweep_id).values(numbers))
    add_event(connection, sweep_id, "trials.planned", numbers)


def append_trials(
    connection: Connection,
    sweep_id: str,
    runner_id: str,
    trials: Sequence[PackedTrial],
    pack: PackRow | None,
) -> int:
    """Store, count and tell of the results that are new; the sweep stays locked until the commit."""
    sweep = hold(connection, sweep_id, runner_id)
    if pack is not None:
        _store_pack(connection, sweep_id, pack)
    known = _known_numbers(connection, sweep_id, trials)
    new = [trial for trial in trials if trial.ended.number not in known]
    if new:
        _insert(connection, sweep_id, new)
        _count(connection, sweep, [trial.ended for trial in new])
    return len(new)


def ended_numbers(connection: Connection, sweep_id: str) -> set[int]:
    """Numbers of the trials that have ended."""
    column = tables.trials.c
    return set(connection.execute(select(column.number).where(column.sweep_id == sweep_id)).scalars())


def standing(connection: Connection, sweep_id: str) -> Standing:
    """Every outcome; the event is read first, so that nothing it tells of is missing."""
    sweep, trial = tables.sweeps.c, tables.trials.c
    event_id = connection.execute(select(sweep.num_events).where(sweep.id == sweep_id)).scalar_one_or_none()
    if event_id is None:
        raise NotFoundError(f"no sweep {sweep_id!r}")
    rows = connection.execute(select(trial.number, trial.outcome).where(trial.sweep_id == sweep_id))
    return Standing(event_id, {row.number: row.outcome for row in rows})


def get_trial(connection: Connection, sweep_id: str, number: int) -> TrialRow:
    """One trial with its curves; raises `NotFoundError`."""
    column = tables.trials.c
    statement = (
        select(*TRIAL_COLUMNS, tables.curves.c.data)
        .join_from(tables.trials, tables.curves)
        .where(column.sweep_id == sweep_id, column.number == number)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"no ended trial {number} in sweep {sweep_id!r}")
    return as_trial(row)


def all_trials(connection: Connection, sweep_id: str) -> list[TrialRow]:
    """Every ended trial by number, without curves."""
    column = tables.trials.c
    statement = select(*TRIAL_COLUMNS).where(column.sweep_id == sweep_id).order_by(column.number)
    return [as_trial(row) for row in connection.execute(statement).mappings()]


def read_packs(connection: Connection, sweep_id: str) -> list[PackRow]:
    """How each pack was trained."""
    column = tables.packs.c
    statement = select(tables.packs).where(column.sweep_id == sweep_id).order_by(column.pack)
    return [_as_pack(dict(row)) for row in connection.execute(statement).mappings()]


def _known_numbers(connection: Connection, sweep_id: str, trials: Sequence[PackedTrial]) -> set[int]:
    """Stored numbers in the range of `trials`, which come in order of their numbers."""
    if not trials:
        return set()
    column = tables.trials.c
    statement = select(column.number).where(
        column.sweep_id == sweep_id, column.number.between(trials[0].ended.number, trials[-1].ended.number)
    )
    return set(connection.execute(statement).scalars())


def _insert(connection: Connection, sweep_id: str, new: Sequence[PackedTrial]) -> None:
    ended_at = now_seconds(connection)
    connection.execute(
        insert(tables.trials), [trial_values(sweep_id, trial.ended, ended_at) for trial in new]
    )
    blobs = [{"sweep_id": sweep_id, "number": trial.ended.number, "data": trial.curves} for trial in new]
    connection.execute(insert(tables.curves), blobs)


def _count(connection: Connection, sweep: Sweep, new: Sequence[EndedTrial]) -> None:
    """Keep the sweep's tallies in its row, and tell of the trials in one event."""
    outcomes = dict(sweep.outcomes)
    for trial in new:
        outcome = trial.record.verdict.outcome
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    num_ended = sweep.num_ended + len(new)
    row = update(tables.sweeps).where(tables.sweeps.c.id == sweep.id)
    connection.execute(row.values(num_ended=num_ended, outcomes=outcomes))
    told = [_told(trial) for trial in new]
    data = {"trials": told, "num_ended": num_ended, "outcomes": outcomes}
    add_event(connection, sweep.id, "trials.ended", data)


def _told(trial: EndedTrial) -> Mapping[str, Any]:
    return {
        "number": trial.number,
        "outcome": trial.record.verdict.outcome,
        "axes": trial.axes,
        "repeat": trial.repeat,
        "objective": finite_number(trial.objective),
    }


def _store_pack(connection: Connection, sweep_id: str, pack: PackRow) -> None:
    """A pack that ran again keeps its first record."""
    column = tables.packs.c
    found = select(column.pack).where(column.sweep_id == sweep_id, column.pack == pack.pack)
    if connection.execute(found).one_or_none() is None:
        values = {**vars(pack.record), "sweep_id": sweep_id, "pack": pack.pack}
        connection.execute(insert(tables.packs).values(values))


def _as_pack(row: dict[str, Any]) -> PackRow:
    sweep_id, pack = row.pop("sweep_id"), row.pop("pack")
    row["seconds_per_trial_step"] = {
        int(size): seconds for size, seconds in row["seconds_per_trial_step"].items()
    }
    return PackRow(sweep_id, pack, PackRecord(**row))
