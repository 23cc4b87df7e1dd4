"""One JSON object a line, one line a row: a table that can grow at its end, and be read without holding it."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from polars import DataFrame

from deltarule.training.errors import DataError
from deltarule.training.tables.cells import column
from deltarule.training.tables.chunk import CHUNK_BYTES, Chunk, chunk_rows
from deltarule.training.tables.documents import parsed
from deltarule.training.tables.source import LINE_LIMIT, Source, opened
from deltarule.training.tables.values import checked_names


def chunks(source: Source) -> Iterator[Chunk]:
    """The chunks of a file of JSON lines; what a line does not name is missing in it, empty lines are skipped.

    Raises:
        DataError: naming the line, for what is no JSON object; naming row and column, for values of different kinds.
    """
    first_row, rows, taken = 1, list[dict[str, Any]](), 0
    for line, row in _objects(source):
        rows.append(row)
        taken += len(line)
        if taken >= CHUNK_BYTES or len(rows) >= chunk_rows(len(row)):
            yield _chunk(rows, first_row)
            first_row, rows, taken = first_row + len(rows), [], 0
    if rows:
        yield _chunk(rows, first_row)


def _objects(source: Source) -> Iterator[tuple[bytes, dict[str, Any]]]:
    with opened(source) as stream:
        for number in count(1):
            line = stream.readline(LINE_LIMIT + 1)
            if not line:
                return
            if line.strip():
                yield line, _object(line, number)


def _object(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > LINE_LIMIT:
        raise DataError(f"Line {number} is longer than {LINE_LIMIT} bytes; each line must be one row.")
    try:
        row = parsed(line, f"Line {number}")
    except DataError as error:
        raise DataError(str(error)) from error
    if not isinstance(row, dict) or not row:
        raise DataError(f"Line {number} is no JSON object with values by column name.")
    return row


def _chunk(rows: list[dict[str, Any]], first_row: int) -> Chunk:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    names = checked_names(key.strip() for key in keys)
    values = ([row.get(key) for row in rows] for key in keys)
    return Chunk(DataFrame([column(*pair, first_row=first_row) for pair in zip(names, values, strict=True)]))
