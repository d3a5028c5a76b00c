"""Pages of trials in any order, each found from where the page before stopped."""

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from sweeps.ledger import tables
from sweeps.ledger.base import Page, TrialRow
from sweeps.ledger.cursors import decode_cursor, encode_cursor
from sweeps.ledger.interface import TrialSort
from sweeps.ledger.trial_rows import TRIAL_COLUMNS, as_trial
from trainers.record import OutcomeName

COLUMN = tables.trials.c


def list_trials(
    connection: Connection,
    sweep_id: str,
    outcome: OutcomeName | None,
    sort: TrialSort,
    cursor: str | None,
    limit: int,
    with_curves: bool,
) -> Page[TrialRow]:
    """A page of trials; raises `CursorError` for a cursor of another order."""
    statement = _selection(with_curves).where(COLUMN.sweep_id == sweep_id).limit(limit + 1)
    if outcome is not None:
        statement = statement.where(COLUMN.outcome == outcome)
    if cursor is not None:
        statement = statement.where(_after(sort, cursor))
    statement = statement.order_by(*_order(sort))
    found = [as_trial(row) for row in connection.execute(statement).mappings()]
    more = len(found) > limit
    return Page(found[:limit], _cursor(sort, found[limit - 1]) if more else None)


def _selection(with_curves: bool) -> Select[tuple[object, ...]]:
    if not with_curves:
        return select(*TRIAL_COLUMNS)
    return select(*TRIAL_COLUMNS, tables.curves.c.data).join_from(tables.trials, tables.curves)


def _order(sort: TrialSort) -> list[ColumnElement[object]]:
    if sort == "number":
        return [COLUMN.number.asc()]
    if sort == "-number":
        return [COLUMN.number.desc()]
    objective = COLUMN.objective.desc() if sort == "-objective" else COLUMN.objective.asc()
    return [COLUMN.objective.is_(None), objective, COLUMN.number.asc()]


def _cursor(sort: TrialSort, last: TrialRow) -> str:
    if sort in {"number", "-number"}:
        return encode_cursor(sort, last.number)
    return encode_cursor(sort, last.objective, last.number)


def _after(sort: TrialSort, cursor: str) -> ColumnElement[bool]:
    if sort in {"number", "-number"}:
        last: int = decode_cursor(sort, cursor, int)[0]
        return COLUMN.number > last if sort == "number" else COLUMN.number < last
    objective, number = decode_cursor(sort, cursor, (float, int, type(None)), int)
    missing = COLUMN.objective.is_(None)
    if objective is None:
        return and_(missing, COLUMN.number > number)
    beyond = COLUMN.objective < objective if sort == "-objective" else COLUMN.objective > objective
    return or_(missing, beyond, and_(COLUMN.objective == objective, COLUMN.number > number))
