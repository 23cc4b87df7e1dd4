"""How each database is spoken to, so that nobody above has to know which one it is."""

import json
import math
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from deltarule.store.errors import SettingsError

BUSY_SECONDS = 30
OLDEST_SQLITE = (3, 35, 0)
"""The first that answers UPDATE ... RETURNING."""
LOG_LIMIT_BYTES = 64 * 1024 * 1024
STRICT_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
SINGLE = "single statements"
"""The option of an engine whose statements each see one state by themselves, so SQLite need not hear of a start."""

POSTGRESQL_OPTIONS = {
    # A database that is away is told within the three seconds in which a submission must be answered.
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20000,
    "application_name": "deltarule",
    "options": "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
}


def engines(url: str, *, durable: bool, autocheckpoint: bool) -> tuple[Engine, Engine, Engine]:
    """The engine that writes, the one that only reads, and the one for single statements that read.

    Raises SettingsError when the URL names no database of ours, or a SQLite file in a folder that cannot be used.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, durable=durable, autocheckpoint=autocheckpoint)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise SettingsError("DELTARULE_DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _postgresql(url: URL) -> tuple[Engine, Engine, Engine]:
    writer = _postgresql_engine(url, max_overflow=10)
    # The writer's pool; a snapshot, so that what one method reads fits together. A single statement sees one by itself,
    # and need not wait until the server has heard of a beginning and an end; on connections that are always used like
    # that, nothing has to be set before it and set back after it either.
    return (
        writer,
        writer.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ"),
        _postgresql_engine(url, max_overflow=5, isolation_level="AUTOCOMMIT"),
    )


def _postgresql_engine(url: URL, **options: Any) -> Engine:  # noqa: ANN401 -- what SQLAlchemy takes
    from deltarule.store.patience import be_patient  # noqa: PLC0415 -- and its driver, which SQLite needs not

    engine = create_engine(
        url,
        pool_timeout=5,
        connect_args=POSTGRESQL_OPTIONS,
        json_serializer=to_json,
        hide_parameters=True,
        **options,
    )
    be_patient(engine)
    return engine


def _sqlite(url: URL, *, durable: bool, autocheckpoint: bool) -> tuple[Engine, Engine, Engine]:
    _usable(Path(url.database or ""))
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "FULL" if durable else "NORMAL",
        "busy_timeout": BUSY_SECONDS * 1000,
        "foreign_keys": "ON",
        "journal_size_limit": LOG_LIMIT_BYTES,
        "wal_autocheckpoint": 1000 if autocheckpoint else 0,
    }
    # Readers have an engine of their own, because BEGIN IMMEDIATE would make them wait for writers.
    reader = _sqlite_engine(url, "BEGIN", {**pragmas, "query_only": "ON"})
    return _sqlite_engine(url, "BEGIN IMMEDIATE", pragmas), reader, reader.execution_options(**{SINGLE: True})


def _sqlite_engine(url: URL, begin: str, pragmas: dict[str, Any]) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        json_serializer=to_json,
        hide_parameters=True,
        max_overflow=20,
    )

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are begun below, never by the driver
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    def start(connection: Connection) -> None:
        if not connection.get_execution_options().get(SINGLE):
            connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _usable(file: Path) -> None:
    """Refuse a file that could not be opened and written, in words better than "unable to open database file"."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SettingsError(f"SQLite {sqlite3.sqlite_version} is too old; use a Python with SQLite 3.35 or newer.")
    folder = file.parent
    if not folder.is_dir():
        raise SettingsError(f"DELTARULE_DATABASE_URL: the folder {folder} does not exist; create it first.")
    if file.is_dir():
        raise SettingsError(f"DELTARULE_DATABASE_URL: {file} is a folder; name a file in it.")
    # The folder too, because SQLite keeps its log beside its file.
    for path in (folder, file) if file.exists() else (folder,):
        if not os.access(path, os.W_OK):
            raise SettingsError(f"DELTARULE_DATABASE_URL: {path} is not writable by this user.")


def to_json(document: object) -> str:
    """JSON that every reader takes: numbers that are not finite become null."""
    try:
        return STRICT_JSON.encode(document)
    except ValueError:
        return STRICT_JSON.encode(finite(document))


def finite(value: object) -> object:
    """The same value, with None for every number in it that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value
