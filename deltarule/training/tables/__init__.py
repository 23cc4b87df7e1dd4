"""Reading and describing datasets: bytes of any format become columns of numbers and texts, or an error.

What is not a table is refused in a sentence that names the row and the column, as a `DataError`, and nothing else is
ever raised but what opening a file raises. Polars' threads do not survive a fork: a process that has read a table here
starts others by spawning them.
"""

from deltarule.training.tables.reading import describe, read, stream
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
from deltarule.training.tables.stream import Stream, stream_of

__all__ = [
    "CategoricalColumn",
    "Column",
    "Format",
    "NumericColumn",
    "Schema",
    "Stream",
    "Table",
    "TargetShape",
    "describe",
    "from_inline",
    "from_rows",
    "head",
    "read",
    "stream",
    "stream_of",
]
