"""A table that is read part by part, as often as needed, and is never in memory as a whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars
from polars import DataFrame, Series

from deltarule.training.tables.chunk import Chunk, Chunks, chunk_rows
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema, Table
from deltarule.training.tables.values import TOO_LARGE, cleaned, numbers, plain_numbers, shown, too_large

_BOOLEANS = frozenset({"true", "false"})
_TYPES = {"numeric": polars.Float64, "categorical": polars.String}


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows that come in parts.

    Attributes:
        schema: what `describe` said of them.
        parts: reads them from the beginning, each call anew: frames that follow each other, with the schema's columns
            in their order and types, null where a value is missing. The same source gives the same parts.
    """

    schema: Schema
    parts: Callable[[], Iterator[DataFrame]]


def streamed(chunks: Chunks, schema: Schema) -> Stream:
    """The rows of a source, in the types that its description gives them."""

    def parts() -> Iterator[DataFrame]:
        first_row = 0
        for chunk in chunks():
            yield conforming(chunk, schema, first_row)
            first_row += chunk.frame.height

    return Stream(schema, parts)


def stream_of(table: Table) -> Stream:
    """The rows of a table in memory, in parts."""
    rows = chunk_rows(len(table.schema.columns))
    return Stream(table.schema, lambda: table.frame.iter_slices(rows))


def conforming(chunk: Chunk, schema: Schema, first_row: int = 0) -> DataFrame:
    """The columns of the schema, in its order and types; one that the chunk has not is missing in all its rows.

    Raises:
        RowError: a text where the schema has a number, or the other way round, or too large a number.
    """
    chunk = _with_plain_numbers(chunk, schema)
    texts = cleaned(chunk.frame.select(polars.selectors.string()))
    present = set(chunk.frame.columns)
    series = [
        _column(chunk, texts, column, first_row)
        if column.name in present
        else Series(column.name, [None] * chunk.frame.height, dtype=_TYPES[column.type])
        for column in schema.columns
    ]
    return DataFrame(series)


def _with_plain_numbers(chunk: Chunk, schema: Schema) -> Chunk:
    """The same, columns of numbers that are written so in all rows as numbers; that is most of a large file."""
    numeric = {column.name for column in schema.columns if column.type == "numeric"}
    written = chunk.frame.select(polars.selectors.string()).select(polars.selectors.by_name(numeric, require_all=False))
    return replace(chunk, frame=chunk.frame.with_columns(plain_numbers(written)))


def _column(chunk: Chunk, texts: DataFrame, column: NumericColumn | CategoricalColumn, first_row: int) -> Series:
    if column.type == "numeric":
        return _numbers(chunk, texts, column.name, first_row)
    if column.name not in texts.columns:
        return _texts_of_numbers(chunk.frame[column.name], first_row)
    said = texts[column.name]
    return said.str.to_lowercase() if column.categories and _BOOLEANS.issuperset(column.categories) else said


def _numbers(chunk: Chunk, texts: DataFrame, name: str, first_row: int) -> Series:
    if name in texts.columns:
        found = numbers(texts.select(name), chunk.decimal_comma).to_series()
        _refuse_strangers(texts[name], found, first_row)
    else:
        found = chunk.frame[name].cast(polars.Float64).fill_nan(None)
    if (row := too_large(found.to_numpy())) is not None:
        raise RowError(first_row + row, name, TOO_LARGE)
    return found


def _refuse_strangers(texts: Series, found: Series, first_row: int) -> None:
    """The description knows of no texts here: the source is no longer what was described."""
    if found.null_count() > texts.null_count():
        row = (texts.is_not_null() & found.is_null()).arg_max() or 0
        raise RowError(
            first_row + row, texts.name, f"{shown(texts[row])} is not a number, and the column holds numbers."
        )


def _texts_of_numbers(values: Series, first_row: int) -> Series:
    """A column without a value in this part looks like one of numbers."""
    present = values.fill_nan(None).is_not_null()
    if present.any():
        raise RowError(first_row + (present.arg_max() or 0), values.name, "a number, and the column holds texts.")
    return Series(values.name, [None] * len(values), dtype=polars.String)
