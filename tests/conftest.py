"""What every test may ask for: servers for the whole session, and a database of its own that the migrations built."""

import itertools
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog
from hypothesis import settings
from psycopg import sql
from sqlalchemy.engine import make_url

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.schema import upgrade
from tests import servers

TEMPLATE = "deltarule_template"

# No test judges time: on a machine with other work any example may take longer than Hypothesis allows by itself.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no setting of the developer's own shell to the tests."""
    for name in [name for name in os.environ if name.startswith("DELTARULE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_log_context() -> None:
    """Leave nothing to the log lines of this test that an earlier one has bound."""
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Server]:
    """A PostgreSQL that all tests of this process share; a test that stops servers starts one of its own."""
    with servers.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: servers.Server) -> str:
    """The URL of the shared PostgreSQL's own database, empty of our tables."""
    return postgres.url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that all tests of this process share."""
    with servers.redis_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations have built."""
    file = tmp_path_factory.mktemp("template") / "deltarule.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_databases(postgres: servers.Server) -> Callable[[], str]:
    """A function that answers the URL of a new PostgreSQL database, a copy of one that the migrations have built."""
    _administer(postgres.url, f"CREATE DATABASE {TEMPLATE}")
    upgrade(_with_name(postgres.url, TEMPLATE))
    numbers = itertools.count()
    with psycopg.connect(postgres.url) as connection:
        # Ten times as fast as the default, where the server knows the word.
        strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    def create() -> str:
        name = f"deltarule_{next(numbers)}"
        _administer(postgres.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} {strategy}")
        return _with_name(postgres.url, name)

    return create


@pytest.fixture(scope="module")
def empty_postgres_url(postgres: servers.Server) -> Iterator[str]:
    """The URL of a PostgreSQL database of the module's own, without tables."""
    name = f"empty_{uuid.uuid4().hex}"
    _administer(postgres.url, f"CREATE DATABASE {name}")
    yield _with_name(postgres.url, name)
    _administer(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database of the test's own, with its tables."""
    file = tmp_path / "deltarule.sqlite3"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_database_url(postgres_databases: Callable[[], str]) -> Iterator[str]:
    """The URL of a PostgreSQL database of the test's own, with its tables."""
    url = postgres_databases()
    yield url
    _administer(_with_name(url, "postgres"), f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database of the test's own, with its tables: the test runs on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_database_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of the test's own, of each kind."""
    opened = Database(database_url, durable=False)  # no test cuts the power
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[servers.Server]:
    """An S3 storage that all tests of this process share; a test that stops servers starts one of its own."""
    with servers.s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3: servers.Server) -> str:
    """The name of an empty bucket of the test's own."""
    name = f"bucket-{uuid.uuid4().hex}"
    httpx.put(f"{s3.url}/{name}").raise_for_status()
    return name


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """An empty folder for the bytes of datasets."""
    return LocalBlobs(tmp_path / "blobs")


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement))


def _with_name(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
