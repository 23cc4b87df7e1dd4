"""Rows of a CSV file for columns that are known: what it does not name is missing, and every faulty cell is told."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars
from polars import DataFrame, Series

from deltarule.backprop.errors import Fault
from deltarule.training.errors import FAULTS_TOLD, DataError, RowsError
from deltarule.training.naming import no_such_column
from deltarule.training.tables.chunk import Chunk
from deltarule.training.tables.delimited import chunks
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema
from deltarule.training.tables.source import Source
from deltarule.training.tables.stream import conforming
from deltarule.training.tables.values import MAGNITUDE_LIMIT, TOO_LARGE, cleaned, numbers, place, shown

Columns = Sequence[NumericColumn | CategoricalColumn]


def from_csv(source: Source, columns: Columns, others: frozenset[str]) -> DataFrame:
    """These columns, in their order and types, of a file that may have the other ones too, which are not looked at.

    Raises:
        DataError: the file is no CSV, or has no rows.
        RowsError: with pointers like "/rows/3/price" (rows from 0), each name that is no column, each text where a
            number belongs, each number that is too large.
    """
    schema = Schema(format="csv", rows=0, columns=tuple(columns))
    faults, frames, rows = list[Fault](), list[DataFrame](), 0
    for chunk in chunks(source):
        if not rows:
            faults += _strange_names(chunk.frame.columns, schema.names, others)
        faults += _faults(chunk, columns, rows)
        if len(faults) >= FAULTS_TOLD:
            break
        if not faults:
            frames.append(conforming(chunk, schema, rows))
        rows += chunk.frame.height
    if faults:
        raise RowsError(faults)
    if not frames:
        raise DataError("The table has no rows; send at least one.")
    return polars.concat(frames)


def _strange_names(found: Sequence[str], names: Sequence[str], others: frozenset[str]) -> Iterator[Fault]:
    """Names of no column: what is misspelt would be taken for missing otherwise."""
    for name in found:
        if name not in names and name not in others:
            yield Fault(f"/rows/0/{escaped(name)}", no_such_column(name, names))


def _faults(chunk: Chunk, columns: Columns, first_row: int) -> list[Fault]:
    """What is wrong in the chunk, row by row."""
    numeric = [column.name for column in columns if column.type == "numeric" and column.name in chunk.frame.columns]
    texts = cleaned(chunk.frame.select(numeric))
    pairs = zip(texts, numbers(texts, chunk.decimal_comma), strict=True)
    found = [wrong for text, number in pairs for wrong in _wrong_cells(text, number)]
    return [
        Fault(
            f"/rows/{first_row + row}/{escaped(name)}",
            f"{place(name, first_row + row + 1, chunk.lines[row] if chunk.lines else None)}: {sentence}",
        )
        for row, name, sentence in sorted(found, key=lambda cell: cell[0])[:FAULTS_TOLD]
    ]


def _wrong_cells(texts: Series, found: Series) -> Iterator[tuple[int, str, str]]:
    """Row, column and sentence of each cell that holds no number that can be used."""
    for row in (texts.is_not_null() & found.is_null()).arg_true().head(FAULTS_TOLD):
        yield row, texts.name, f"{shown(texts[row])} is not a number, and the column holds numbers."
    for row in np.flatnonzero(np.abs(found.to_numpy()) > MAGNITUDE_LIMIT)[:FAULTS_TOLD].tolist():
        yield row, texts.name, TOO_LARGE
