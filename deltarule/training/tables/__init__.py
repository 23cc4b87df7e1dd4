"""Reading and describing datasets: bytes of any format become columns of numbers and texts, or an error."""

from deltarule.training.tables.reading import describe, read
from deltarule.training.tables.rows import from_inline, from_rows, head
from deltarule.training.tables.schema import (
    CategoricalColumn,
    Column,
    Format,
    NumericColumn,
    Schema,
    Table,
    TargetShape,
)

__all__ = [
    "CategoricalColumn",
    "Column",
    "Format",
    "NumericColumn",
    "Schema",
    "Table",
    "TargetShape",
    "describe",
    "from_inline",
    "from_rows",
    "head",
    "read",
]
