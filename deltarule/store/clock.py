"""There is one clock, the database's: a lease never trusts the watch of the one who holds it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, DateTime, Dialect, Double, Float, SQLColumnExpression, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A time with its zone, always UTC; SQLite keeps it as text with six decimals, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone, because its reader could not tell what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same time with its zone; SQLite's text has lost it."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class from_now(FunctionElement[datetime]):  # noqa: N801 -- reads as the SQL function it stands for
    """The database's time, so many seconds from now; negative seconds lie in the past.

    A parameter stands for seconds that are given when a statement is run.
    """

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: float | BindParameter[float]) -> None:
        given = isinstance(seconds, BindParameter)
        super().__init__(seconds if given else bindparam(None, float(seconds), Float(), unique=True))


def now() -> from_now:
    """The database's time."""
    return from_now(0)


@compiles(from_now, "postgresql")
def _postgresql(element: from_now, compiler: SQLCompiler, **options: object) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(from_now, "sqlite")
def _sqlite(element: from_now, compiler: SQLCompiler, **options: object) -> str:
    seconds = compiler.process(element.clauses, **options)
    # Three more zeros, because times that came as parameters have six decimals and text must compare as time does.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({seconds} || ' seconds'))"


class seconds_between(FunctionElement[float]):  # noqa: N801 -- reads as the SQL function it stands for
    """The seconds from one time to another; NULL where either is."""

    type = Double()
    inherit_cache = True

    def __init__(self, start: SQLColumnExpression[Any], end: SQLColumnExpression[Any]) -> None:
        super().__init__(start, end)


@compiles(seconds_between, "postgresql")
def _postgresql_seconds(element: seconds_between, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))::double precision"


@compiles(seconds_between, "sqlite")
def _sqlite_seconds(element: seconds_between, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"
