"""A server that was frozen accepts every word and answers none: how long to listen is the client's to decide.

Neither the server's own timeouts help then, nor those of TCP, because its kernel still acknowledges what it is sent.
"""

import math
import select
import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.waiting import Ready
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from deltarule.store.errors import Unavailable

PATIENCE_SECONDS = 12.0
"""How long a server may be silent amid a statement: longer than it waits for a lock."""
PING_SECONDS = 1.0
"""How long it may be silent when it is asked whether it is there, or to begin a transaction."""
LOOK_SECONDS = 2.5
"""How long it may be silent when it is asked for a row: with it, 503 is answered within three seconds."""
RECENT_SECONDS = 5.0
"""A connection that was used so lately is not asked before it is used again: what closes it is noticed without that."""
USED_AT = "used at"


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up, closed, when the server has been silent for `patience` seconds.

    For `PING_SECONDS` only, if that is shorter, where a transaction begins: that takes a server no time; and for
    `LOOK_SECONDS` where a statement is a transaction by itself: such a one reads a row.
    """

    patience = PATIENCE_SECONDS
    silent = False

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401 -- as psycopg has it
        """As psycopg's own; raises OperationalError."""
        return super().wait(self._listening(gen), *args, **options)

    @property
    def _short(self) -> float:
        return LOOK_SECONDS if self.autocommit else PING_SECONDS

    def _listening(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """The same generator, which is told again and again that nothing came, but not for ever."""
        heard_at = time.monotonic()
        beginning = self.pgconn.transaction_status == TransactionStatus.IDLE
        patience = min(self.patience, self._short) if beginning else self.patience
        try:
            wanted = next(waiting)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                    if ready & Ready.R:
                        patience = self.patience
                elif time.monotonic() - heard_at > patience:
                    self.silent = True
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent")
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value


def be_patient(engine: Engine) -> None:
    """Let the engine's connections be patient ones, each asked whether its server is there after a rest."""

    def connect(dialect: Dialect, entry: ConnectionPoolEntry, words: list[Any], named: dict[str, Any]) -> Any:  # noqa: ANN401
        entry.info[USED_AT] = time.monotonic()
        return PatientConnection.connect(*words, **named)

    def ping(connection: Any, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:  # noqa: ANN401
        recent = time.monotonic() - entry.info[USED_AT] < RECENT_SECONDS
        if not recent or _has_news(connection):
            _ping(engine.dialect, connection)

    def rest(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 -- None where it was lost
        entry.info[USED_AT] = time.monotonic()
        if connection is not None:
            connection.patience = PATIENCE_SECONDS  # also after `without_haste`

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", ping)
    event.listen(engine, "checkin", rest)


def without_haste(connection: Connection) -> None:
    """Let this transaction of a PostgreSQL take as long as it takes, as a change of a large table may."""
    patient: Any = connection.connection.dbapi_connection
    patient.patience = math.inf
    for limit in ("statement_timeout", "lock_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))


def _has_news(connection: PatientConnection) -> bool:
    """Whether the server has said something that nobody asked for, as when it closes the connection."""
    if connection.closed:
        return True
    ears = select.poll()
    ears.register(connection.fileno(), select.POLLIN)
    return bool(ears.poll(0))


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
