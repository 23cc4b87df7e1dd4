"""A table comes in chunks, so that describing a file takes no more memory than a part of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars

CHUNK_CELLS = 1 << 20
"""Cells of one chunk (rows × columns), about."""

CHUNK_ROWS = 512
"""Rows of one chunk, at least, however many columns there are."""

CHUNK_BYTES = 1 << 24
"""Bytes of text of one chunk, about."""

COLUMNS_LIMIT = 10_000
"""Columns of a table: enough for small pictures, and few enough to describe each of them."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows that follow each other.

    Attributes:
        frame: columns of Float64 (numbers; NaN and null are missing) or String (texts; null is missing).
        typed: the format says what is a number and what a text; otherwise every column is String and its values tell.
        decimal_comma: numbers may be written with a comma.
        lines: line in the file of each row, where the format has lines.
    """

    frame: polars.DataFrame
    typed: bool = True
    decimal_comma: bool = False
    lines: Sequence[int] | None = None


Chunks = Callable[[], Iterator[Chunk]]
"""Reads the source from its beginning; each call begins anew."""


def chunk_rows(columns: int) -> int:
    """Rows of a chunk of a table with so many columns."""
    return max(CHUNK_ROWS, CHUNK_CELLS // max(columns, 1))
