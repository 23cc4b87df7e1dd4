"""One door to the rows: every use of the database is one transaction, and every driver's error is told in our words."""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Engine, Pool, Row, Select, select, text
from sqlalchemy.orm import Session

from deltarule.store.clock import now
from deltarule.store.engines import engines
from deltarule.store.errors import SchemaOutdated
from deltarule.store.failures import translated
from deltarule.store.settings import Settings
from deltarule.store.tables import VERSION


class Database:
    """A database that the migrations have built.

    `durable` False lets SQLite lose the last commits at a power cut, never consistency. `autocheckpoint` False leaves
    moving SQLite's log into its file to the process that calls `checkpoint`; neither concerns PostgreSQL.
    Connections are made when they are needed, so that an absent PostgreSQL does not stop the start.
    """

    def __init__(self, url: str, *, durable: bool = True, autocheckpoint: bool = True) -> None:
        self._writer, self._reader, self._looker = engines(url, durable=durable, autocheckpoint=autocheckpoint)
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
        with translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session in one transaction that sees one state of the database and waits for no writer."""
        with translated(), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """A session for a single statement that reads, which costs a server one round trip instead of three."""
        with translated(), Session(self._looker, expire_on_commit=False) as session:
            yield session

    def glance(self, statement: Select[*tuple[Any, ...]], **values: object) -> Row[*tuple[Any, ...]] | None:
        """The first row of a statement that reads, or None: without a session, for what every request asks.

        The statement is made once and for all, with `values` for what is bound in it: making it anew would take longer
        than running it.
        """
        with translated(), self._looker.connect() as connection:
            return connection.execute(statement, values).first()

    def now(self) -> datetime:
        """The database's own time."""
        with self.look() as session:
            return session.execute(select(now())).scalar_one()

    def ping(self) -> None:
        """Raise Unavailable when the database does not answer."""
        with self.look() as session:
            session.execute(text("SELECT 1"))

    def schema_is_current(self) -> bool:
        """Whether the migrations have been run, and no newer ones."""
        try:
            with self.read() as session:
                found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
        except SchemaOutdated:
            return False
        return found == VERSION

    def checkpoint(self) -> None:
        """Move SQLite's log into its file without waiting for anybody; nothing to do for PostgreSQL."""
        if not self.is_sqlite:
            return
        with translated():
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
        # Some share a pool; to empty it twice does no harm.
        return (self._writer, self._reader, self._looker)

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
