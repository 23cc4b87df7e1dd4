"""A Parquet file is unpacked in a process of its own, and read from there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars
from polars import DataFrame

from deltarule.training.errors import DataError
from deltarule.training.tables import unpacking
from deltarule.training.tables.chunk import Chunk, chunk_rows
from deltarule.training.tables.folder import own_folder
from deltarule.training.tables.source import Source, size
from deltarule.training.tables.survey import TABLE_LIMIT, check_size
from deltarule.training.tables.values import check_text, checked_names, place

SECONDS_LIMIT = 60
"""Time that unpacking may take, for each `TABLE_LIMIT` of values that the file may hold."""

RATIO_FREE = 1 << 26
"""Bytes of values that any file may hold: columns that say the same in most rows are packed very closely."""

RATIO_LIMIT = 1000
"""A file may hold values of so many times its size up to `TABLE_LIMIT`; real data never does."""

LARGE_RATIO_LIMIT = 100
"""A file of values beyond `TABLE_LIMIT` may unpack to so many times its size."""

_CRASHED = "The file is no readable Parquet file: it is damaged, or needs too much memory."


def chunks(source: Source, limit: int) -> Iterator[Chunk]:
    """The chunks of a Parquet file; truth values become "false" and "true", times their ISO 8601 texts.

    Raises:
        DataError: no Parquet file, columns of lists, structures or bytes, or too large.
    """
    limit = min(limit, _most(size(source)))
    with own_folder() as folder:
        plain = folder / "plain.arrow"
        _unpack(_file(source, folder), plain, limit)
        scan = polars.scan_ipc(plain)
        names = checked_names(name.strip() for name in scan.collect_schema())
        check_size(total := scan.select(polars.len()).collect().item(), len(names), limit)
        for start in range(0, total, rows := chunk_rows(len(names))):
            part = scan.slice(start, rows).collect()
            part.columns = names
            _check_texts(part, start + 1)
            yield Chunk(part)


def _most(packed: int) -> int:
    """Bytes of values that a file of so many bytes may hold; one that says to hold more is made to fill the disk."""
    return max(RATIO_FREE, min(TABLE_LIMIT, RATIO_LIMIT * packed), LARGE_RATIO_LIMIT * packed)


def _file(source: Source, folder: Path) -> Path:
    if isinstance(source, Path):
        return source
    path = folder / "source.parquet"
    path.write_bytes(source)
    return path


def _unpack(source: Path, destination: Path, limit: int) -> None:
    # Isolated, so that neither the environment nor the working directory can put other code in its way.
    program = [sys.executable, "-I", unpacking.__file__, str(source), str(destination), str(limit)]
    environment = os.environ | {"POLARS_MAX_THREADS": "1"}
    seconds = SECONDS_LIMIT * -(-limit // TABLE_LIMIT)
    try:
        answer = subprocess.run(  # noqa: S603
            program, capture_output=True, env=environment, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise DataError(f"Unpacking the Parquet file takes more than {seconds} seconds.") from error
    if answer.returncode == unpacking.REFUSED:
        raise DataError(answer.stdout.decode(errors="replace"))
    if answer.returncode:
        raise DataError(_CRASHED)


def _check_texts(frame: DataFrame, first_row: int) -> None:
    for series in frame.select(polars.selectors.string()):
        wrong = series.str.contains("\0", literal=True).fill_null(value=False)
        if wrong.any():
            row = wrong.arg_max() or 0
            check_text(series[row], place(series.name, first_row + row))
