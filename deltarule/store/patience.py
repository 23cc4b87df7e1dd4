"""A server that was frozen accepts every word and answers none: how long to listen is the client's to decide.

Neither the server's own timeouts help then, nor those of TCP, because its kernel still acknowledges what it is sent.
"""

import math
import time
from collections.abc import Generator
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from deltarule.store.errors import Unavailable

PATIENCE_SECONDS = 12.0
"""How long a server may be silent amid a statement: longer than it waits for a lock."""
PING_SECONDS = 1.0
"""How long it may be silent when it is asked whether it is there."""
FRESH = "fresh"


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up, closed, when the server has been silent for `patience` seconds."""

    patience = PATIENCE_SECONDS
    silent = False

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401 -- as psycopg has it
        """As psycopg's own; raises OperationalError."""
        return super().wait(self._listening(gen), *args, **options)

    def _listening(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """The same generator, which is told again and again that nothing came, but not for ever."""
        heard_at = time.monotonic()
        try:
            wanted = next(waiting)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > self.patience:
                    self.silent = True
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent")
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value


def be_patient(engine: Engine) -> None:
    """Let the engine's connections be patient ones, each asked whether its server is there before it is used again."""

    def connect(dialect: Dialect, entry: ConnectionPoolEntry, words: list[Any], named: dict[str, Any]) -> Any:  # noqa: ANN401
        entry.info[FRESH] = True
        return PatientConnection.connect(*words, **named)

    def ping(connection: Any, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:  # noqa: ANN401
        if not entry.info.pop(FRESH, False):
            _ping(engine.dialect, connection)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", ping)


def without_haste(connection: Connection) -> None:
    """Let this transaction of a PostgreSQL take as long as it takes, as a change of a large table may."""
    patient: Any = connection.connection.dbapi_connection
    patient.patience = math.inf
    for limit in ("statement_timeout", "lock_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))


def _ping(dialect: Dialect, connection: Any) -> None:  # noqa: ANN401 -- a PatientConnection
    """Raise InvalidatePoolError, which has a new connection made, or Unavailable when that would only be waited for."""
    connection.patience = PING_SECONDS
    try:
        dialect.do_ping(connection)
    except psycopg.Error as error:
        if connection.silent:
            raise Unavailable("The database does not answer; try again in a moment.") from error
        raise InvalidatePoolError from error
    finally:
        connection.patience = PATIENCE_SECONDS
