import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from deltarule.store.database import Database
from deltarule.store.errors import Refused, SchemaOutdated, StorageFull, StoreError, Unavailable
from deltarule.store.failures import translated
from deltarule.store.tables import KeyRow
from tests.store.making import key_row


def raised(error: Exception) -> StoreError:
    with pytest.raises(StoreError) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def driver(cause: Exception) -> DBAPIError:
    return OperationalError("SELECT 'the statement'", {}, cause)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (driver(sqlite3.OperationalError("no such table: jobs")), SchemaOutdated),
        (driver(sqlite3.OperationalError("table jobs has no column named x")), SchemaOutdated),
        (driver(psycopg.errors.UndefinedTable("relation")), SchemaOutdated),
        (driver(psycopg.errors.UndefinedColumn("column")), SchemaOutdated),
        (driver(sqlite3.OperationalError("database or disk is full")), StorageFull),
        (driver(psycopg.errors.DiskFull("could not extend file")), StorageFull),
        (driver(sqlite3.OperationalError("database is locked")), Unavailable),
        (driver(sqlite3.OperationalError("unable to open database file")), Unavailable),
        (driver(sqlite3.DatabaseError("file is not a database")), Unavailable),
        (driver(psycopg.OperationalError("connection refused")), Unavailable),
        (driver(psycopg.errors.AdminShutdown("terminating")), Unavailable),
        (driver(psycopg.errors.DeadlockDetected("deadlock")), Unavailable),
        (driver(psycopg.errors.QueryCanceled("statement timeout")), Unavailable),
        (driver(psycopg.InterfaceError("connection is closed")), Unavailable),
        (driver(psycopg.errors.IdleInTransactionSessionTimeout("idle")), Unavailable),
        (driver(psycopg.errors.ReadOnlySqlTransaction("standby")), Unavailable),
        (psycopg.OperationalError("outside of SQLAlchemy"), Unavailable),
        (sqlite3.OperationalError("disk I/O error"), StorageFull),
        (PoolTimeout("QueuePool limit"), Unavailable),
        (driver(psycopg.DataError("NUL")), Refused),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), Refused),
        (driver(sqlite3.IntegrityError("UNIQUE constraint failed")), StoreError),
        (InvalidRequestError("x"), StoreError),
    ],
)
def test_every_drivers_error_has_a_word(error: Exception, kind: type[StoreError]) -> None:
    told = raised(error)
    assert type(told) is kind
    assert "statement'" not in str(told), "no SQL leaves the store"


def test_what_is_not_the_databases_passes() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("x")


def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_bytes(b"no database at all" * 1000)
    database = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    with pytest.raises(Unavailable, match="damaged"):
        database.ping()
    database.close()


def test_a_full_sqlite_is_full_and_then_works_again(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def fill(pages: int) -> None:
        with database.write() as session:
            session.execute(text(f"PRAGMA max_page_count={pages}"))
            session.execute(insert(KeyRow).values(key_row("k", name="x" * 1_000_000)))

    with pytest.raises(StorageFull):
        fill(1)
    fill(1_000_000)
    database.close()


def test_a_text_with_nul_is_refused_by_postgresql(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)

    def write() -> None:
        with database.write() as session:
            session.execute(insert(KeyRow).values(key_row("k", name="a\0b")))

    with pytest.raises(Refused):
        write()
    database.close()
