"""The migrations and the tables in the code are one thing, on both databases."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from deltarule.store import patience
from deltarule.store.database import Database
from deltarule.store.errors import SettingsError, Unavailable
from deltarule.store.schema import configuration, upgrade
from deltarule.store.tables import VERSION, Base
from tests import servers
from tests.servers import wait_until

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables; its migrations leave none behind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite3"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    url = make_url(empty_url)
    name = "postgresql+psycopg" if url.get_backend_name() == "postgresql" else "sqlite"
    made = create_engine(url.set(drivername=name), poolclass=NullPool)
    yield made
    command.downgrade(configuration(empty_url), "base")


def test_up_and_down_leave_nothing(empty_url: str, engine: Engine) -> None:
    upgrade(empty_url)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    upgrade(empty_url)
    command.downgrade(configuration(empty_url), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(empty_url)
    command.check(configuration(empty_url))


@pytest.mark.usefixtures("engine")
def test_the_tables_in_the_code_are_those_of_the_migrations(empty_url: str) -> None:
    upgrade(empty_url)
    command.check(configuration(empty_url))


def test_the_version_in_the_code_is_the_newest_migration(tmp_path: Path) -> None:
    scripts = ScriptDirectory.from_config(configuration(f"sqlite:///{tmp_path}/x"))
    assert scripts.get_heads() == [VERSION]


def test_bytes_that_lay_there_twice_are_shared(empty_url: str, engine: Engine) -> None:
    command.upgrade(configuration(empty_url), "0003")
    rows = [("1", "a" * 64, "key-2"), ("2", "a" * 64, "key-1"), ("3", "b" * 64, "key-3")]
    statement = text(
        "INSERT INTO datasets (id, owner, format, bytes, sha256, rows, columns, targets, blob_key, created_at) "
        "VALUES (:id, '', 'csv', 8, :sha256, 1, '[]', 'none', :key, '2026-01-01 00:00:00.000000')"
    )
    with engine.begin() as connection:
        connection.execute(statement, [dict(zip(("id", "sha256", "key"), row, strict=True)) for row in rows])
    upgrade(empty_url)
    with engine.begin() as connection:
        keys = connection.execute(text("SELECT blob_key FROM datasets ORDER BY id")).scalars().all()
        blobs = connection.execute(text("SELECT key, sha256, bytes FROM blobs ORDER BY key")).all()
        connection.execute(text("DELETE FROM datasets"))
    assert keys == ["key-1", "key-1", "key-3"]
    assert [tuple(blob) for blob in blobs] == [("key-1", "a" * 64, 8), ("key-3", "b" * 64, 8)]


@pytest.mark.usefixtures("engine")
def test_many_at_once_migrate_once(empty_url: str) -> None:
    program = "import sys; from deltarule.store.schema import upgrade; upgrade(sys.argv[1])"
    arguments = [sys.executable, "-W", "error", "-c", program, empty_url]
    migrators = [subprocess.Popen(arguments, cwd=ROOT) for _ in range(3)]
    assert [migrator.wait(60) for migrator in migrators] == [0, 0, 0]
    database = Database(empty_url)
    assert database.schema_is_current()
    database.close()


def test_a_path_with_a_percent_sign(tmp_path: Path) -> None:
    folder = tmp_path / "100 %(x)s"
    folder.mkdir()
    upgrade(f"sqlite:///{folder}/x.sqlite3")


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        upgrade(f"postgresql://deltarule@127.0.0.1:{servers.free_port()}/deltarule")
    with pytest.raises(SettingsError, match="does not exist"):
        upgrade(f"sqlite:///{tmp_path}/nowhere/x.sqlite3")


def test_without_a_database_there_is_no_migration(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="need a database"):
        command.upgrade(configuration(f"sqlite:///{tmp_path}/x.sqlite3"), "head", sql=True)


def test_by_hand_the_environment_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_DATA", str(tmp_path))
    settings = configuration(f"sqlite:///{tmp_path}/other.sqlite3")
    settings.attributes.clear()
    command.upgrade(settings, "head")
    assert (tmp_path / "deltarule.sqlite3").exists()


def test_a_migration_waits_for_another_however_long_that_takes(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience.PatientConnection, "patience", 0.2)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with psycopg.connect(empty_postgres_url) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [env_lock()])
        second = pool.submit(upgrade, empty_postgres_url)
        wait_until(lambda: other.execute(waiting).fetchone() == (1,), "the second to wait")
        assert not wait([second], timeout=0.6).done, "it is not hasty"
        other.rollback()
        second.result()
    command.downgrade(configuration(empty_postgres_url), "base")


def env_lock() -> int:
    """The number that migrations lock."""
    (number,) = re.findall(r"^ADVISORY_LOCK = (\w+)$", (ROOT / "migrations" / "env.py").read_text(), re.MULTILINE)
    return int(number, 0)
