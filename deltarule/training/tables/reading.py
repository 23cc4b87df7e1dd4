"""Any bytes are a table or an error that says why not."""

from functools import partial

from deltarule.training.tables import archive, arrays, column_files, delimited, documents, json_lines
from deltarule.training.tables.chunk import Chunks
from deltarule.training.tables.schema import Format, Schema, Table, TargetShape
from deltarule.training.tables.source import Source
from deltarule.training.tables.stream import Stream, streamed
from deltarule.training.tables.survey import STREAM_LIMIT, TABLE_LIMIT, Survey, survey


def describe(source: Source, format: Format, limit: int = STREAM_LIMIT) -> Schema:  # noqa: A002
    """What a dataset is made of; of all formats but JSON only a chunk is in memory at a time.

    Args:
        source: a file, or its bytes.
        format: of the source.
        limit: bytes that the table may come to, in memory or streamed from a file.

    Raises:
        DataError: the dataset cannot be used; the sentence names row and column.
        OSError: the file cannot be read.
    """
    schema, _ = _surveyed(source, format, limit, keep=False)
    return schema


def read(source: Source, format: Format, limit: int = TABLE_LIMIT) -> Table:  # noqa: A002
    """The dataset in memory, with the schema that `describe` gives; errors as there.

    Args:
        source: a file, or its bytes.
        format: of the source.
        limit: bytes that the table may take in memory.
    """
    schema, seen = _surveyed(source, format, limit, keep=True)
    return Table(schema, seen.frame())


def stream(source: Source, format: Format, schema: Schema, limit: int = STREAM_LIMIT) -> Stream:  # noqa: A002
    """The dataset part by part, for one that does not fit in memory; `schema` is what `describe` said of it.

    Raises:
        DataError: the dataset cannot be used, now or while its parts are read: it is no longer what was described.
        OSError: the file cannot be read.
    """
    chunks, _ = _opened(source, format, limit)
    return streamed(chunks, schema)


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
            one_dimensional = archive.dimensions(source, limit) == 1
            return lambda: arrays.chunks(archive.blocks(source, limit)), (
                "one_dimensional" if one_dimensional else "two_dimensional"
            )
