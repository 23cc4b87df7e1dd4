"""Rows of another table inside one row: what belongs together is read in one statement, and so fits together."""

from typing import Any

from sqlalchemy import JSON, SQLColumnExpression
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class arrays(FunctionElement[list[list[Any]]]):  # noqa: N801 -- reads as the SQL function it stands for
    """These columns of all rows: an array of JSON arrays, in an order that is not promised.

    Times come as text in ISO 8601: in the session's zone from PostgreSQL, without one from SQLite.
    """

    type = JSON()
    inherit_cache = True

    def __init__(self, *columns: SQLColumnExpression[Any]) -> None:
        super().__init__(*columns)


@compiles(arrays, "postgresql")
def _postgresql(element: arrays, compiler: SQLCompiler, **options: object) -> str:
    return f"coalesce(json_agg(json_build_array({compiler.process(element.clauses, **options)})), '[]')"


@compiles(arrays, "sqlite")
def _sqlite(element: arrays, compiler: SQLCompiler, **options: object) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"
