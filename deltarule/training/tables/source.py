"""Data is a file or bytes; a reader need not know which."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

Source = Path | bytes
"""Where a dataset is read from."""


LINE_LIMIT = 1 << 24
"""Bytes of one line, in formats that have lines."""


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source as a binary stream at its beginning.

    Raises:
        OSError: the file cannot be opened.
    """
    if isinstance(source, bytes):
        yield BytesIO(source)
    else:
        with source.open("rb") as stream:
            yield stream


def size(source: Source) -> int:
    """Bytes of the source."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size
