import os
import sqlite3
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from deltarule.store.database import Database
from deltarule.store.errors import StoreError, Unavailable
from deltarule.store.settings import Settings
from deltarule.store.tables import KeyRow
from tests import servers
from tests.statements import statements
from tests.store.making import key_row


def add_key(session: Session, identifier: str) -> None:
    session.execute(insert(KeyRow).values(key_row(identifier)))


def keys(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(KeyRow.id).order_by(KeyRow.id)))


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


def log_size(url: str) -> int:
    log = Path(f"{make_url(url).database}-wal")
    return log.stat().st_size if log.exists() else 0


def test_what_is_written_is_read(database: Database) -> None:
    with database.write() as session:
        add_key(session, "a")
    assert keys(database) == ["a"]


class _MishapError(Exception):
    pass


def test_an_error_undoes_everything(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            add_key(session, "a")
            raise _MishapError

    with pytest.raises(_MishapError):
        fail()
    assert keys(database) == []


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError), database.read() as session:
        add_key(session, "a")
    with database.write() as session:
        add_key(session, "b")
    assert keys(database) == ["b"]


def test_a_reader_waits_for_no_writer_and_sees_one_state(database: Database) -> None:
    with database.write() as writing, database.read() as reading:
        add_key(writing, "a")
        writing.flush()
        assert reading.scalars(select(KeyRow.id)).all() == []
        writing.commit()
        assert reading.scalars(select(KeyRow.id)).all() == []
    assert keys(database) == ["a"]


def test_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    with database.write() as session:
        add_key(session, "a")

    def increment(_: int) -> None:
        with database.write() as session:
            row = session.scalars(select(KeyRow).with_for_update()).one()
            session.execute(update(KeyRow).values(name=str(int(row.name) + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(80)))
    with database.read() as session:
        assert session.scalars(select(KeyRow.name)).one() == "80"


def test_a_glance_asks_once_and_begins_nothing(database: Database) -> None:
    first = select(KeyRow.id).where(KeyRow.id >= bindparam("least")).order_by(KeyRow.id)
    with statements(beginnings=True) as asked:
        assert database.glance(first, least="b") is None
    assert len(asked) == 1
    for identifier in "ac":
        with database.write() as session:
            add_key(session, identifier)
    row = database.glance(first, least="b")
    assert row is not None
    assert row.id == "c", "what was committed since is seen"


def test_ping_and_version(database: Database) -> None:
    database.ping()
    assert database.schema_is_current()


def test_a_database_without_tables_is_not_current(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    assert not database.schema_is_current()
    database.close()


def test_a_postgresql_without_tables_is_not_current(empty_postgres_url: str) -> None:
    database = Database(empty_postgres_url)
    assert not database.schema_is_current()
    database.close()


def test_a_newer_database_is_not_current(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not database.schema_is_current()


def test_the_settings_name_the_database(tmp_path: Path, sqlite_url: str) -> None:
    settings = Settings.embedded(tmp_path, database_url=sqlite_url, sqlite_autocheckpoint=False)
    database = Database.from_settings(settings)
    assert database.is_sqlite
    with database.write() as session:
        assert session.scalar(text("PRAGMA wal_autocheckpoint")) == 0
    database.close()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_durability_is_sqlites_synchronous_level(sqlite_url: str, durable: bool, level: int) -> None:
    database = Database(sqlite_url, durable=durable)
    with database.write() as session:
        assert session.scalar(text("PRAGMA synchronous")) == level
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


def test_only_the_one_that_checkpoints_shortens_sqlites_log(sqlite_url: str) -> None:
    leaving, moving = Database(sqlite_url, autocheckpoint=False), Database(sqlite_url)
    for number in range(40):
        with leaving.write() as session:
            session.execute(insert(KeyRow).values(key_row(str(number), name="x" * 200_000)))
    grown = log_size(sqlite_url)
    assert grown > 40 * 200_000, "without a checkpoint the log holds everything"
    moving.checkpoint()
    with leaving.write() as session:
        session.execute(update(KeyRow).values(name="short"))
    assert log_size(sqlite_url) == grown, "the log is written again from its beginning"
    assert len(keys(moving)) == 40
    leaving.close()
    moving.close()


def test_a_checkpoint_waits_for_nobody(sqlite: Database) -> None:
    with sqlite.write() as writing, sqlite.read() as reading:
        reading.scalars(select(KeyRow.id)).all()
        add_key(writing, "a")
        sqlite.checkpoint()
    assert keys(sqlite) == ["a"]


def test_a_checkpoint_is_nothing_to_postgresql(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)
    database.checkpoint()
    database.close()


def test_closing_is_not_the_end(database: Database) -> None:
    database.ping()
    database.close()
    database.ping()


def in_child(check: Callable[[], bool]) -> bool:
    """Whether the check holds in a forked child."""
    with warnings.catch_warnings():
        # Newer Pythons warn of forks beside threads, such as those of the test runner.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os._exit(0 if check() else 1)
        except BaseException:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def test_a_forked_child_and_its_parent_both_go_on(database: Database) -> None:
    def write(identifier: str) -> bool:
        with database.write() as session:
            add_key(session, identifier)
        return identifier in keys(database)

    assert write("a")
    assert in_child(lambda: write("b"))
    assert write("c")
    assert keys(database) == ["a", "b", "c"]


def test_a_forked_child_has_connections_of_its_own(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)

    def backend() -> int | None:
        with database.read() as session:
            pid: int | None = session.scalar(text("SELECT pg_backend_pid()"))
            return pid

    own = backend()
    assert in_child(lambda: backend() != own)
    assert backend() == own, "the parent's connection was not closed by the child"
    database.close()


def test_an_absent_postgresql_stops_no_start_and_is_unavailable() -> None:
    database = Database(f"postgresql://deltarule@127.0.0.1:{servers.free_port()}/deltarule")
    with pytest.raises(Unavailable, match="does not answer"):
        database.ping()
    database.close()


def test_a_restarted_postgresql_is_found_again() -> None:
    with servers.postgresql() as server:
        database = Database(server.url)
        database.ping()
        server.stop()
        with pytest.raises(Unavailable):
            database.ping()
        server.start()
        database.ping()
        server.kill()
        server.start()
        database.ping()
        database.close()


def test_a_cut_connection_is_unavailable_and_the_next_use_works(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)

    def cut_and_go_on() -> None:
        with database.write() as session:
            add_key(session, "a")
            own = session.scalar(text("SELECT pg_backend_pid()"))
            with database.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            add_key(session, "b")

    with pytest.raises(Unavailable):
        cut_and_go_on()
    assert keys(database) == []
    database.close()


def test_sqlite_held_by_a_foreigner_is_waited_for(sqlite: Database, sqlite_url: str) -> None:
    foreigner = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None, check_same_thread=False)
    foreigner.execute("BEGIN IMMEDIATE")
    written = threading.Thread(target=_add_in_thread, args=(sqlite,))
    written.start()
    assert keys(sqlite) == []
    foreigner.execute("COMMIT")
    written.join()
    foreigner.close()
    assert keys(sqlite) == ["a"]


def _add_in_thread(database: Database) -> None:
    with database.write() as session:
        add_key(session, "a")
