"""What every table of an owner's things has in common: strangers find nothing, and pages do not shift."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, CursorResult, Delete, Row, Select, Update, bindparam, inspect, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from deltarule.store.database import Database
from deltarule.store.errors import InvalidCursor, NotFound
from deltarule.store.identifiers import is_id
from deltarule.store.records import Page
from deltarule.store.tables import Base, DatasetRow, JobRow, ModelRow

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Owned = type[DatasetRow] | type[JobRow] | type[ModelRow]
KINDS: dict[Any, str] = {DatasetRow: "dataset", JobRow: "job", ModelRow: "model"}
LARGEST_PAGE = 200
Record = TypeVar("Record")


def stored_owner(owner: str | None) -> str:
    """The owner as rows have it: empty for none, because NULL equals nothing and a unique key would not hold."""
    return owner or ""


def whole(table: type[Base], *but: str) -> list[ColumnElement[Any]]:
    """All of a row but what is named, under the names that the table's class has, for statements without a session."""
    names = (each.key for each in inspect(table).column_attrs)
    return [getattr(table, name).label(name) for name in names if name not in but]


def theirs(table: Owned) -> ColumnElement[bool]:
    """The condition of the owner's row with an id, for a statement that is made once and run by `found`."""
    return (table.id == bindparam("id")) & (table.owner == bindparam("owner"))


HELD: dict[tuple[Any, bool], Select[str]] = {
    (table, alone): select(table.id).where(theirs(table)).with_for_update(read=not alone, key_share=not alone)
    for table in KINDS
    for alone in (False, True)
}


def found(
    where: Database | Session,
    statement: Select[*tuple[Any, ...]],
    table: Owned,
    owner: str | None,
    identifier: str,
) -> Row[*tuple[Any, ...]]:
    """What a statement with `theirs` in it answers of the owner's row with this id, at a glance or in a transaction.

    Raises NotFound, also for what cannot be an id.
    """
    row = None
    if is_id(identifier):
        values = {"id": identifier, "owner": stored_owner(owner)}
        if isinstance(where, Database):
            row = where.glance(statement, **values)
        else:
            row = where.connection().execute(statement, values).first()
    if row is None:
        raise NotFound(KINDS[table], identifier)
    return row


def require(session: Session, table: Owned, owner: str | None, identifier: str, *, alone: bool = False) -> None:
    """Hold the owner's row until the transaction ends, so that nobody removes it; `alone`: so that nobody uses it.

    Raises NotFound. SQLite needs no such lock: there is one writer at a time.
    """
    found(session, HELD[table, alone], table, owner, identifier)


def page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    *,
    table: Owned,
    limit: int,
    cursor: str | None,
    record: Callable[..., Record],
) -> Page[Record]:
    """The newest `limit` (1 to 200) rows that are older than `cursor`, an id; raises InvalidCursor.

    Rows that come or go meanwhile shift nothing, because a page begins after an id and not after a number of rows.
    """
    if cursor is not None and not is_id(cursor):
        raise InvalidCursor
    limit = max(1, min(limit, LARGEST_PAGE))
    if cursor is not None:
        statement = statement.where(table.id < cursor)
    rows = session.execute(statement.order_by(table.id.desc()).limit(limit + 1)).all()
    following = rows[limit - 1][0].id if len(rows) > limit else None
    return Page(tuple(record(*row) for row in rows[:limit]), following)


def changed(session: Session, statement: Update | Delete) -> int:
    """Run a guarded statement and tell how many rows it touched."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)  # noqa: S101 -- for the type checker; every UPDATE and DELETE answers one
    return result.rowcount


def insertion(session: Session, table: type[Base]) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that can be told what to do with rows whose primary key is there already."""
    core = Base.metadata.tables[table.__tablename__]  # the ORM's own way to insert many rows knows no replacing
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(core)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 -- a large module, which SQLite needs not

    return postgresql.insert(core)
