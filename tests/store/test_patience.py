"""A server that is frozen, and one whose disk is full: told in time, and forgotten as soon as it is well again."""

from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from deltarule.store import patience
from deltarule.store.database import Database
from deltarule.store.engines import POSTGRESQL_OPTIONS
from deltarule.store.errors import StorageFull, Unavailable
from deltarule.store.schema import upgrade
from deltarule.store.tables import KeyRow
from tests import servers
from tests.freezing import frozen
from tests.store.making import key_row

SUBMISSION_SECONDS = 3
"""Within which a submission is to be answered, whatever state the database is in."""


def test_a_frozen_postgresql_is_told_before_a_submission_has_waited_too_long() -> None:
    assert (
        max(patience.PING_SECONDS, patience.LOOK_SECONDS, int(POSTGRESQL_OPTIONS["connect_timeout"]))
        < SUBMISSION_SECONDS
    )
    with servers.postgresql() as server:
        upgrade(server.url)
        used, new = Database(server.url), Database(server.url)
        used.ping()
        with frozen(server):
            for database in (used, new):
                with pytest.raises(Unavailable):
                    database.ping()
        for database in (used, new):
            database.ping()
            database.close()


def test_a_postgresql_that_freezes_amid_a_transaction_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.PatientConnection, "patience", 0.2)
    with servers.postgresql() as server:
        upgrade(server.url)
        database = Database(server.url)

        def write() -> None:
            with database.write() as session:
                session.execute(insert(KeyRow).values(key_row("a")))
                with frozen(server):
                    session.execute(insert(KeyRow).values(key_row("b")))

        with pytest.raises(Unavailable):
            write()
        with database.read() as session:
            assert session.scalars(select(KeyRow.id)).all() == []
        database.close()


def test_a_postgresql_that_was_started_anew_is_noticed_by_connections_used_just_now() -> None:
    with servers.postgresql() as server:
        upgrade(server.url)
        database = Database(server.url)
        database.ping()
        server.stop()
        server.start()
        database.ping()
        database.close()


def test_a_connection_is_asked_whether_its_server_is_there_only_after_a_rest(
    postgres_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_database_url)
    asked: list[object] = []
    monkeypatch.setattr(PGDialect_psycopg, "do_ping", lambda _, connection: asked.append(connection))
    database.ping()
    database.ping()
    assert asked == []
    monkeypatch.setattr(patience, "RECENT_SECONDS", 0)
    database.ping()
    assert len(asked) == 1
    database.close()


def test_a_transaction_without_haste_leaves_no_endless_patience_behind(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)
    for _ in range(2):
        with database.write() as session:
            connection: Any = session.connection().connection.dbapi_connection
            assert connection.patience == patience.PATIENCE_SECONDS
            patience.without_haste(session.connection())
    database.close()


def test_a_statement_that_takes_long_is_waited_for(postgres_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PING_SECONDS", 60)
    database = Database(postgres_database_url)
    with database.read() as session:
        session.execute(text("SELECT pg_sleep(0.3)"))
    with database.read() as session:
        rows = session.scalars(text("SELECT repeat('x', 1000000) FROM generate_series(1, 30)")).all()
    assert len("".join(rows)) == 30_000_000
    database.close()


def test_a_full_sqlite_is_told_and_nothing_is_half_made(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def fill() -> None:
        with database.write() as session:
            pages = session.scalar(text("PRAGMA page_count"))
            session.execute(text(f"PRAGMA max_page_count={pages + 10}"))
            session.execute(insert(KeyRow).values(key_row("a")))
            session.execute(insert(KeyRow).values(key_row("b", name="x" * 1_000_000)))

    with pytest.raises(StorageFull):
        fill()
    with database.read() as session:
        assert session.scalars(select(KeyRow.id)).all() == []
    database.close()
