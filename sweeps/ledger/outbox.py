"""The outbox: what MLflow lacks, held by one mirror at a time.

MLflow gives out run ids itself, so a mirror that dies between creating a run and noting its id leaves a run
that the ledger does not know. Therefore a mirror notes first which runs it is about to create (`begin`); the
next one looks those up in MLflow by their tags, and creates without looking all the others.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sweeps.errors import LeaseLostError
from sweeps.ledger import tables
from sweeps.ledger.base import ENDED, Outbox, PendingSweep, PendingTrial
from sweeps.ledger.database import now_seconds
from sweeps.ledger.events import add_event
from sweeps.ledger.sweeps import SWEEP_COLUMNS, as_sweep
from sweeps.ledger.trial_rows import TRIAL_COLUMNS, as_trial

LEASE = tables.mirror_lease.c
SWEEP = tables.sweeps.c
TRIAL = tables.trials.c
ONLY_ROW = 1


def claim(connection: Connection, mirror_id: str, lease_seconds: float) -> bool:
    """Take or renew the lease unless another mirror's is alive."""
    now = now_seconds(connection)
    values = {"mirror_id": mirror_id, "expires_at": now + lease_seconds}
    engine_insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = (
        engine_insert(tables.mirror_lease)
        .values(id=ONLY_ROW, **values)
        .on_conflict_do_update(
            index_elements=["id"],
            set_=values,
            where=or_(LEASE.mirror_id == mirror_id, LEASE.expires_at <= now),
        )
        .returning(LEASE.id)
    )
    return connection.execute(statement).one_or_none() is not None


def release(connection: Connection, mirror_id: str) -> None:
    """Give the lease up, if it is ours."""
    connection.execute(delete(tables.mirror_lease).where(LEASE.mirror_id == mirror_id))


def pending(connection: Connection, limit: int, without: Collection[str]) -> Outbox:
    """Sweeps without a parent run or with news of their end, and trials without a complete run."""
    return Outbox(_pending_sweeps(connection, limit, without), _pending_trials(connection, limit, without))


def begin(connection: Connection, mirror_id: str, sweep_id: str, numbers: Sequence[int] | None) -> None:
    """Note that these runs may exist from now on; raises `LeaseLostError`."""
    _hold(connection, mirror_id)
    if numbers is None:
        connection.execute(update(tables.sweeps).where(SWEEP.id == sweep_id).values(mirror_attempted=True))
        return
    chosen = (TRIAL.sweep_id == sweep_id, TRIAL.number.in_(numbers))
    connection.execute(update(tables.trials).where(*chosen).values(mirror_attempted=True))


def set_sweep_run(connection: Connection, sweep_id: str, experiment_id: str, run_id: str) -> None:
    """Note a parent run."""
    values = {"mlflow_experiment_id": experiment_id, "mlflow_run_id": run_id}
    connection.execute(update(tables.sweeps).where(SWEEP.id == sweep_id).values(values))


def mark_trials(connection: Connection, mirror_id: str, sweep_id: str, run_ids: Mapping[int, str]) -> None:
    """Note complete runs, each counted once; raises `LeaseLostError`."""
    _hold(connection, mirror_id)
    if not run_ids:
        return
    # The sweep's row first, as everywhere, so that no two transactions wait for each other.
    connection.execute(select(SWEEP.id).where(SWEEP.id == sweep_id).with_for_update())
    statement = (
        update(tables.trials)
        .where(TRIAL.sweep_id == sweep_id, TRIAL.number == bindparam("of"), TRIAL.mlflow_run_id.is_(None))
        .values(mlflow_run_id=bindparam("run"))
    )
    rows = [{"of": number, "run": run_id} for number, run_id in run_ids.items()]
    # One statement a row, because the number of rows that really changed is what counts.
    num_new = sum(connection.execute(statement, row).rowcount for row in rows)
    count = update(tables.sweeps).where(SWEEP.id == sweep_id)
    connection.execute(count.values(num_mirrored=SWEEP.num_mirrored + num_new))


def mark_sweep(connection: Connection, mirror_id: str, sweep_id: str, revision: int) -> None:
    """Note that MLflow has the sweep's end of `revision`; raises `LeaseLostError`."""
    _hold(connection, mirror_id)
    chosen = update(tables.sweeps).where(SWEEP.id == sweep_id, SWEEP.mirrored_revision < revision)
    if connection.execute(chosen.values(mirrored_revision=revision)).rowcount == 1:
        add_event(connection, sweep_id, "sweep.mirrored", {"revision": revision})


def _hold(connection: Connection, mirror_id: str) -> None:
    """Keep other mirrors from taking over until the commit."""
    statement = select(LEASE.id).where(LEASE.mirror_id == mirror_id).with_for_update()
    if connection.execute(statement).one_or_none() is None:
        raise LeaseLostError(f"mirror {mirror_id} does not hold the outbox; nothing was written")


def _pending_sweeps(connection: Connection, limit: int, without: Collection[str]) -> list[PendingSweep]:
    never = SWEEP.mlflow_run_id.is_(None)
    behind = (SWEEP.status.in_(ENDED)) & (SWEEP.num_mirrored >= SWEEP.num_ended)
    statement = (
        select(*SWEEP_COLUMNS, SWEEP.mirror_attempted)
        .where(or_(never, SWEEP.mirrored_revision < SWEEP.revision))
        .where(or_(never & SWEEP.started_at.is_not(None), behind), SWEEP.id.not_in(without))
        .order_by(SWEEP.id)
        .limit(limit)
    )
    rows = connection.execute(statement).mappings()
    return [PendingSweep(as_sweep(row), bool(row["mirror_attempted"]), row["revision"]) for row in rows]


def _pending_trials(connection: Connection, limit: int, without: Collection[str]) -> list[PendingTrial]:
    statement = (
        select(*TRIAL_COLUMNS, TRIAL.mirror_attempted, tables.curves.c.data)
        .join_from(tables.trials, tables.curves)
        .where(TRIAL.mlflow_run_id.is_(None), TRIAL.sweep_id.not_in(without))
        .order_by(TRIAL.sweep_id, TRIAL.number)
        .limit(limit)
    )
    rows = connection.execute(statement).mappings()
    return [PendingTrial(as_trial(row), bool(row["mirror_attempted"])) for row in rows]
