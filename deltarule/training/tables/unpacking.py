"""Unpacks a Parquet file in a process of its own, which may fall without taking its parent along.

A damaged Parquet file can ask for any amount of memory, and the library then ends the process. So the file is read
here, under limits of memory and of output, and what comes out is a plain Arrow file of numbers and texts. Run as a
program (`unpacking.py SOURCE DESTINATION LIMIT`), it imports nothing of this package; what is wrong with the file it
says on standard output.
"""

import resource
import sys

import polars
from polars import Expr, LazyFrame, Schema
from polars.exceptions import PanicException, PolarsError

REFUSED = 3
"""Exit code: a sentence on standard output says what is wrong."""

HEADROOM = 2 << 30
"""Bytes of address space that the libraries need besides the table."""

CELL_BYTES = 8

_TEXTS = (polars.String, polars.Boolean, polars.Categorical, polars.Enum)


class _FileError(Exception):
    """Says what is wrong with the file."""


def main(source: str, destination: str, limit: int) -> None:
    """Writes the file at `source` to `destination` as Arrow, columns of Float64 and String only."""
    resource.setrlimit(resource.RLIMIT_AS, (limit + HEADROOM, limit + HEADROOM))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * limit, 2 * limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    scan = polars.scan_parquet(source, glob=False, hive_partitioning=False)
    schema = scan.collect_schema()
    _check_size(scan, schema, limit)
    scan.select([_plain(name, dtype) for name, dtype in schema.items()]).sink_ipc(
        destination, compression="uncompressed"
    )


def _check_size(scan: LazyFrame, schema: Schema, limit: int) -> None:
    rows = scan.select(polars.len()).collect().item()
    if rows * len(schema) * CELL_BYTES > limit:
        message = (
            f"The table is too large: {rows} rows of {len(schema)} columns do not fit into {limit} bytes of memory."
        )
        raise _FileError(message)


def _plain(name: str, dtype: polars.DataType) -> Expr:
    column = polars.col(name)
    if dtype.is_numeric() or dtype == polars.Null:
        return column.cast(polars.Float64)
    if isinstance(dtype, _TEXTS) or dtype.is_temporal():
        return column.cast(polars.String)
    raise _FileError(
        f"Column '{name}' has the type {dtype}; columns of numbers, texts, truth values and times are read."
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except _FileError as error:
        sys.stdout.write(str(error))
        sys.exit(REFUSED)
    except (PolarsError, PanicException, OSError, MemoryError) as error:
        sys.stdout.write(f"The file is no readable Parquet file: {str(error).splitlines()[0]}.")
        sys.exit(REFUSED)
