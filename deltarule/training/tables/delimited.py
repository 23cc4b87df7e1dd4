"""A CSV file is taken by its word: rows as wide as the header, quotes that close, and lines that say where one is not.

Lines that are plain are checked as a block; the shape of all others by the standard library's strict `csv` reader,
which knows the line it is in. The values of each checked chunk are split by polars where no quotes are in it.
"""

import csv
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import BinaryIO, NamedTuple

import polars

from deltarule.training.errors import DataError
from deltarule.training.tables.chunk import CHUNK_BYTES, COLUMNS_LIMIT, Chunk, chunk_rows
from deltarule.training.tables.plain_lines import plain_blocks
from deltarule.training.tables.source import LINE_LIMIT, Source, opened
from deltarule.training.tables.values import checked_names, counted, shown, shown_name

DELIMITERS = (",", ";", "\t")
"""What may stand between values; the header tells which: the one that makes most columns of it, in this order."""

_Schema = dict[str, type[polars.String]]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class _Lines:
    """The lines of a stream, as text for the CSV reader and as bytes kept until they are taken.

    Attributes:
        number: of the line last read, from 1.
        kept: bytes of the lines since `take`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.number = 0
        self.kept_bytes = 0
        self._stream = stream
        self._kept: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LINE_LIMIT + 1):
            self.number += 1
            yield self._decoded(line.removeprefix(_BYTE_ORDER_MARK) if self.number == 1 else line)

    def _decoded(self, line: bytes) -> str:
        if len(line) > LINE_LIMIT:
            raise DataError(f"Line {self.number} is longer than {LINE_LIMIT} bytes; is this a CSV file?")
        if self.number == 1 and line.startswith(_UTF_16_MARKS):
            raise DataError("The file is UTF-16; save it as UTF-8.")
        if self.number > 1 and line.startswith(_BYTE_ORDER_MARK):
            # Beyond the file's first bytes it is no mark, and polars would drop it where a chunk begins.
            raise DataError(f"Line {self.number} begins with a byte order mark; were two files joined? Remove it.")
        if b"\0" in line:
            raise DataError(f"Line {self.number} holds a NUL byte; is this a CSV file?")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise DataError(
                f"Line {self.number} is not UTF-8: byte 0x{line[error.start]:02x} at position {error.start + 1}. "
                "Save the file as UTF-8."
            ) from error
        self._kept.append(line)
        self.kept_bytes += len(line)
        return text

    def forget_last(self) -> None:
        self.kept_bytes -= len(self._kept.pop())

    def take(self) -> bytes:
        taken = b"".join(self._kept)
        self._kept.clear()
        self.kept_bytes = 0
        return taken


def chunks(source: Source) -> Iterator[Chunk]:
    """The chunks of a CSV file with a header row: UTF-8 with or without byte order mark; empty lines are skipped.

    Raises:
        DataError: naming row and line, for a header with empty or repeated names, rows of another width, quotes that do
            not close, bytes that are not UTF-8.
    """
    with opened(source) as stream:
        delimiter = _delimiter(stream.readline(LINE_LIMIT))
        stream.seek(0)
        lines = _Lines(stream)
        names = _names(next(_rows(lines, delimiter), _Row([], 1)).values)
        lines.take()
        for text, starts in _texts(stream, lines, names, delimiter):
            yield _chunk(text, delimiter, names, starts)


def _texts(stream: BinaryIO, lines: _Lines, names: list[str], delimiter: str) -> Iterator[tuple[bytes, Sequence[int]]]:
    """The bytes of each chunk, and the lines in which its rows begin."""
    row = 1
    while True:
        for block in plain_blocks(stream, len(names), delimiter):
            yield block.text, range(lines.number + 1, lines.number + 1 + block.rows)
            row, lines.number = row + block.rows, lines.number + block.rows
        starts = next(_checked(_rows(lines, delimiter), names, lines, row), None)
        if starts is None:
            return
        yield lines.take(), starts
        row += len(starts)


def _delimiter(header: bytes) -> str:
    text = header.removeprefix(_BYTE_ORDER_MARK).decode(errors="replace")
    return max(DELIMITERS, key=partial(_width, text))


def _width(line: str, delimiter: str) -> int:
    """Values of the line; 0 where it cannot be split so."""
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0


class _Row(NamedTuple):
    """The values of a row, and the line it begins in."""

    values: list[str]
    line: int


def _rows(lines: _Lines, delimiter: str) -> Iterator[_Row]:
    """The rows of the file, the header too, without its empty lines."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(f"Line {line}: {_explained(str(error))}") from error
        if len(values) > 1 or "".join(values).strip():
            yield _Row(values, line)
        else:
            lines.forget_last()


def _explained(message: str) -> str:
    """What the CSV reader complains about, in words of someone who looks at the file."""
    if "unexpected end" in message:
        return "a quote is opened in this row and never closed."
    if "field limit" in message:
        return f"a value is longer than {csv.field_size_limit()} characters; is a quote opened and not closed?"
    if "new-line" in message:
        return "a carriage return stands inside the row; end lines with a line feed."
    return "text follows a closing quote; double the quotes inside a quoted value."


def _names(header: list[str]) -> list[str]:
    if not header:
        raise DataError("The file is empty; its first line must name the columns.")
    if len(header) > COLUMNS_LIMIT:
        raise DataError(f"The header names {len(header)} columns; at most {COLUMNS_LIMIT} are possible.")
    return checked_names(name.strip() for name in header)


def _checked(rows: Iterator[_Row], names: list[str], lines: _Lines, first: int) -> Iterator[list[int]]:
    """Lines in which the rows of each chunk begin, once every row of it has as many values as the header."""
    limit, starts = chunk_rows(len(names)), list[int]()
    for number, row in enumerate(rows, start=first):
        if len(row.values) != len(names):
            raise DataError(_ragged(number, row, names))
        starts.append(row.line)
        if len(starts) >= limit or lines.kept_bytes >= CHUNK_BYTES:
            yield starts
            starts = []
    if starts:
        yield starts


def _ragged(number: int, row: _Row, names: list[str]) -> str:
    found, wanted = len(row.values), len(names)
    if found < wanted:
        rest = f"there is none for column {shown_name(names[found])}"
    else:
        rest = f"the first without a column is {shown(row.values[wanted])}"
    header = f"the header names {counted(wanted, 'column')}"
    return f"Row {number} (line {row.line}) has {counted(found, 'value')}, but {header}: {rest}."


def _chunk(text: bytes, delimiter: str, names: list[str], starts: Sequence[int]) -> Chunk:
    schema = dict.fromkeys(names, polars.String)
    # The two readers differ on a quote amid a value that is not quoted; the one that has checked the rows is right.
    split = _split_with_quotes if b'"' in text else _split
    return Chunk(split(text, delimiter, schema), typed=False, decimal_comma=delimiter == ";", lines=starts)


def _split(text: bytes, delimiter: str, schema: _Schema) -> polars.DataFrame:
    return polars.read_csv(text, has_header=False, separator=delimiter, schema=schema, empty_string_is_null=False)


def _split_with_quotes(text: bytes, delimiter: str, schema: _Schema) -> polars.DataFrame:
    # Split at line feeds alone, as when they were checked: a carriage return may stand before the one that ends a line.
    lines = (line.decode() for line in BytesIO(text))
    return polars.DataFrame(list(csv.reader(lines, delimiter=delimiter, strict=True)), schema=schema, orient="row")
