"""The rows of a table that a run uses, read once and kept on disk: it comes back to them for every question it has."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars
from polars import DataFrame, Series

from deltarule.training.rows import RowCounts, refuse_missing, refuse_nothing_left, usable_part
from deltarule.training.scratch import Spool
from deltarule.training.spec import Spec
from deltarule.training.tables.chunk import chunk_rows
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.stream import Stream

_ROW = ""
"""The column that says which row of the table a kept row was; no column of a table has an empty name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows on disk.

    Attributes:
        spool: their values, with the numbers they had in the table.
        counts: how many they are, and how many others there were.
        distinct: all values of the columns that were asked for, each once; those of rows that are not used too.
    """

    spool: Spool
    counts: RowCounts
    distinct: dict[str, Series]

    def parts(self, width: int) -> Iterator[DataFrame]:
        """The rows in their order, so many at a time that `width` numbers of each are not too many; always the same."""
        for frame in self.spool:
            yield from frame.iter_slices(chunk_rows(width))


def keep(spec: Spec, rows: Stream, features: Sequence[str], spool: Spool, distinct: Sequence[str] = ()) -> Kept:
    """Reads a table and keeps what can be used of it.

    Args:
        spec: resolved.
        rows: with its target columns and `features`.
        features: columns besides the target, in which a complete row has a value.
        spool: still empty.
        distinct: columns whose values are to be gathered; they are few.

    Raises:
        DataError: a value is missing where none may be, or no rows are left.
        ScratchError: the disk is full.
    """
    names = (*spec.targets, *features)
    incomplete = [name for name in names if rows.schema.column(name).missing]
    counts, first, seen = RowCounts(), 0, {name: Series(name, [], _type(rows, name)) for name in distinct}
    for part in rows.parts():
        numbered = part.select(names).with_columns(Series(_ROW, range(first, first + part.height), polars.Int64))
        if spec.preprocessing.missing == "error":
            with located(numbered):
                refuse_missing(part, incomplete)
        usable = usable_part(part, spec.targets, features, spec.preprocessing.missing)
        seen = {name: _joined(values, part[name]) for name, values in seen.items()}
        if len(usable.kept):
            spool.add(numbered[usable.kept])
        counts, first = counts + usable.counts, first + part.height
    refuse_nothing_left(counts, spec.preprocessing.missing)
    return Kept(spool, counts, seen)


def _type(rows: Stream, name: str) -> type[polars.Float64] | type[polars.String]:
    """The type of a column's values."""
    return polars.Float64 if rows.schema.column(name).type == "numeric" else polars.String


@contextmanager
def located(part: DataFrame) -> Iterator[None]:
    """A fault in a row of a part is told with the row's number in the table."""
    try:
        yield
    except RowError as error:
        raise error.at(int(part[_ROW][error.row])) from error


def _joined(seen: Series, values: Series) -> Series:
    return polars.concat([seen, values.drop_nulls().unique()]).unique()
