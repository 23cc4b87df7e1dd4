"""Most CSV is plain: no quotes, a row a line, all of one width. Arithmetic over whole blocks of bytes can tell.

What is not plain is nobody's fault yet: it is read again by the reader that knows every rule, and names every line.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from deltarule.training.tables.chunk import CHUNK_BYTES, chunk_rows
from deltarule.training.tables.source import LINE_LIMIT

_MARK = b"\xef\xbb\xbf"
_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, as many as a chunk has, each of them a row."""

    text: bytes
    rows: int


def plain_blocks(stream: BinaryIO, columns: int, delimiter: str) -> Iterator[Block]:
    """Blocks from where the stream is, to its end or the first one that is not plain, at whose start it is left."""
    ahead, wanted, rows = b"", CHUNK_BYTES, chunk_rows(columns)
    while read := _whole_lines(stream, ahead, wanted):
        ends = _ends(read, rows)
        if len(ends) < rows and wanted < CHUNK_BYTES:
            read = _whole_lines(stream, read, CHUNK_BYTES)
            ends = _ends(read, rows)
        text = read[: ends[-1] + 1]
        if not _is_plain(text, ends, columns, delimiter):
            stream.seek(-len(read), SEEK_CUR)
            return
        yield Block(text, len(ends))
        # Of the next chunk a little more than it is likely to have is read, so that little is read twice or kept.
        ahead, wanted = read[len(text) :], min(CHUNK_BYTES, len(text) + len(text) // 16)


def _whole_lines(stream: BinaryIO, ahead: bytes, wanted: int) -> bytes:
    """So many bytes and those to the end of their last line; the first of them were read before."""
    read = ahead + stream.read(max(0, wanted - len(ahead)))
    return read if read.endswith(b"\n") else read + stream.readline(LINE_LIMIT)


def _ends(read: bytes, rows: int) -> _Places:
    """Where the lines of a chunk end."""
    ends = _places(read, "\n")
    if len(ends) < rows and not read.endswith(b"\n"):
        # The file ends without a line feed, or its line is too long to be read as a whole.
        ends = np.append(ends, len(read))
    return ends[: min(rows, int(np.searchsorted(ends, CHUNK_BYTES - 1)) + 1)]


def _is_plain(text: bytes, ends: _Places, columns: int, delimiter: str) -> bool:
    if not _is_clean(text):
        return False
    starts = np.append(0, ends[:-1] + 1)
    between = _places(text, delimiter)
    # With one column an empty line could be a row, or none.
    if columns == 1 or len(between) != len(ends) * (columns - 1) or (ends - starts).max() > csv.field_size_limit():
        return False
    of_rows = between.reshape(len(ends), columns - 1)
    return bool((of_rows[:, 0] >= starts).all() and (of_rows[:, -1] < ends).all())


def _is_clean(text: bytes) -> bool:
    """Whether there is nothing but UTF-8, without quotes, NUL, byte order marks, carriage returns amid lines."""
    if b'"' in text or b"\0" in text or (b"\r" in text and text[:-1].count(b"\r") != text.count(b"\r\n")):
        return False
    return text.isascii() or (_MARK not in text and _is_utf_8(text))


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _places(text: bytes, letter: str) -> _Places:
    return np.flatnonzero(np.frombuffer(text, np.uint8) == ord(letter))
