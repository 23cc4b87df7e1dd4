"""Any bytes are a table or an error that says why not."""

from functools import partial

from deltarule.training.tables import archive, arrays, column_files, delimited, documents, json_lines
from deltarule.training.tables.chunk import Chunks
from deltarule.training.tables.schema import Format, Schema, Table, TargetShape
from deltarule.training.tables.source import Source
from deltarule.training.tables.survey import TABLE_LIMIT, Survey, survey


def describe(source: Source, format: Format, limit: int = TABLE_LIMIT) -> Schema:  # noqa: A002
    """What a dataset is made of; of CSV, Parquet and JSON lines only a chunk is in memory at a time.

    Args:
        source: a file, or its bytes.
        format: of the source.
        limit: bytes that the table may take in memory once it is read.

    Raises:
        DataError: the dataset cannot be used; the sentence names row and column.
        OSError: the file cannot be read.
    """
    schema, _ = _surveyed(source, format, limit, keep=False)
    return schema


def read(source: Source, format: Format, limit: int = TABLE_LIMIT) -> Table:  # noqa: A002
    """The dataset in memory, with the schema that `describe` gives; arguments and errors as there."""
    schema, seen = _surveyed(source, format, limit, keep=True)
    return Table(schema, seen.frame())


def _surveyed(source: Source, format: Format, limit: int, keep: bool) -> tuple[Schema, Survey]:  # noqa: A002
    chunks, targets = _opened(source, format, limit)
    seen = survey(chunks, limit, keep)
    return Schema(format=format, rows=seen.rows, columns=seen.columns(), targets=targets), seen


def _opened(source: Source, format: Format, limit: int) -> tuple[Chunks, TargetShape]:  # noqa: A002
    match format:
        case "csv":
            return partial(delimited.chunks, source), "none"
        case "ndjson":
            return partial(json_lines.chunks, source), "none"
        case "parquet":
            return partial(column_files.chunks, source, limit), "none"
        case "json":
            chunk, target_shape = documents.chunk(source)
            return lambda: iter([chunk]), target_shape
        case "npz":
            inputs, targets = archive.load(source, limit)
            return partial(
                arrays.chunks, inputs, targets
            ), "one_dimensional" if targets.ndim == 1 else "two_dimensional"
