"""One door to the rows: every use of the database is one transaction, and every driver's error is told in our words."""

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

import psycopg
from sqlalchemy import Engine, Pool, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from deltarule.store.clock import now
from deltarule.store.engines import engines
from deltarule.store.errors import Refused, SchemaOutdated, StorageFull, StoreError, Unavailable
from deltarule.store.schema import is_current
from deltarule.store.settings import Settings

UNREADABLE = ("no such table", "no such column", "has no column")
FULL = ("database or disk is full", "disk I/O error")


class Database:
    """A database that the migrations have built.

    `durable` False lets SQLite lose the last commits at a power cut, never consistency. `autocheckpoint` False leaves
    moving SQLite's log into its file to the process that calls `checkpoint`; neither concerns PostgreSQL.
    Connections are made when they are needed, so that an absent PostgreSQL does not stop the start.
    """

    def __init__(self, url: str, *, durable: bool = True, autocheckpoint: bool = True) -> None:
        self._writer, self._reader = engines(url, durable=durable, autocheckpoint=autocheckpoint)
        self._inherited: list[Pool] = []
        _follow_forks(self)

    @classmethod
    def from_settings(cls, settings: Settings, *, durable: bool = True) -> Self:
        """The database that the settings name."""
        return cls(settings.database_url, durable=durable, autocheckpoint=settings.sqlite_autocheckpoint)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self._writer.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction that may write; committed at the end, rolled back when anything is raised."""
        with _translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session in one transaction that sees one state of the database and waits for no writer."""
        with _translated(), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    def now(self) -> datetime:
        """The database's own time."""
        with self.read() as session:
            return session.execute(select(now())).scalar_one()

    def ping(self) -> None:
        """Raise Unavailable when the database does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def schema_is_current(self) -> bool:
        """Whether the tables are those of this version."""
        with self.read() as session:
            return is_current(session.connection())

    def checkpoint(self) -> None:
        """Move SQLite's log into its file without waiting for anybody; nothing to do for PostgreSQL."""
        if not self.is_sqlite:
            return
        with _translated():
            connection = self._writer.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        for engine in self._engines():
            engine.dispose()

    def _engines(self) -> tuple[Engine, ...]:
        return (self._writer, self._reader)

    def _forget_connections(self) -> None:
        # Kept, because closing them here would speak on the parent's connections.
        self._inherited += [engine.pool for engine in self._engines()]
        for engine in self._engines():
            engine.dispose(close=False)


def _follow_forks(database: Database) -> None:
    """Let a forked child open its own connections, because two processes on one connection corrupt both."""
    reference = weakref.ref(database)

    def in_child() -> None:
        inherited = reference()
        if inherited is not None:
            inherited._forget_connections()

    os.register_at_fork(after_in_child=in_child)


@contextmanager
def _translated() -> Iterator[None]:
    """Every error of SQLAlchemy and its drivers, once and for all, as one of the store's."""
    try:
        yield
    except DBAPIError as error:
        raise _translation(error) from error
    except PoolTimeout as error:
        raise Unavailable("The database is busy; try again in a moment.") from error
    except SQLAlchemyError as error:
        raise StoreError("The database refused a statement; this is a fault of Deltarule.") from error
    except UnicodeEncodeError as error:
        raise Refused("A text holds a character that cannot be stored.") from error


def _translation(error: DBAPIError) -> StoreError:
    cause, words = error.orig, str(error.orig)
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn) or _says(words, UNREADABLE):
        return SchemaOutdated()
    if isinstance(cause, psycopg.errors.DiskFull) or _says(words, FULL):
        return StorageFull("There is no room left in the database.")
    if isinstance(cause, psycopg.DataError | sqlite3.DataError):
        return Refused("A value cannot be stored, such as a text with a NUL character or a number that is too large.")
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | sqlite3.OperationalError):
        return Unavailable("The database does not answer; try again in a moment.")
    return StoreError("The database refused a statement; this is a fault of Deltarule.")


def _says(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)
