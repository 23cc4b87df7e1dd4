"""Every value is seen once, in order; then the table can say what it holds."""

import polars
from polars import DataFrame

from deltarule.training.errors import DataError
from deltarule.training.tables.chunk import COLUMNS_LIMIT, Chunk, Chunks
from deltarule.training.tables.column import ColumnSurvey
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn
from deltarule.training.tables.values import cleaned, numbers, plain_numbers

TABLE_LIMIT = 1 << 30
"""Bytes that a table may take in memory, unless told otherwise."""

STREAM_LIMIT = 1 << 36
"""Bytes that a table may come to which is never in memory as a whole."""

CELL_BYTES = 8
"""Bytes of one value in memory: a number's. A text takes its length besides, which its file took too."""


class Survey:
    """Sees the chunks of a table, one after the other.

    Args:
        limit: bytes that the table may take in memory.
        keep: hold the values, for `frame`.
        texts: names of columns known to hold texts.
    """

    def __init__(self, limit: int = TABLE_LIMIT, keep: bool = False, texts: frozenset[str] = frozenset()) -> None:
        self.rows = 0
        self._limit, self._keep, self._texts = limit, keep, texts
        self._columns: dict[str, ColumnSurvey] = {}

    def add(self, chunk: Chunk) -> None:
        """Takes a chunk in; a column that another chunk has and this one has not is missing in its rows.

        Raises:
            DataError: a number is infinite or too large, a typed column holds numbers and texts, or the table is too
                large.
        """
        width = len(self._columns.keys() | set(chunk.frame.columns))
        check_size(self.rows + chunk.frame.height, width, self._limit)
        if chunk.typed:
            self._add_typed(chunk)
        else:
            self._add_written(chunk)
        self.rows += chunk.frame.height
        for name in self._columns.keys() - set(chunk.frame.columns):
            self._columns[name].add_missing(chunk.frame.height)

    def _add_typed(self, chunk: Chunk) -> None:
        texts = cleaned(chunk.frame.select(polars.selectors.string()))
        for series in chunk.frame.with_columns(polars.selectors.float().fill_nan(None)):
            column = self._column(series.name)
            if series.dtype == polars.String:
                column.add_texts(texts[series.name], self.rows + 1, chunk.lines)
            else:
                column.add_numbers(series, self.rows + 1, chunk.lines)

    def _add_written(self, chunk: Chunk) -> None:
        plain = plain_numbers(chunk.frame)
        texts = cleaned(chunk.frame.drop(plain.columns))
        found = {each.name: each for each in (*plain, *numbers(texts, chunk.decimal_comma))}
        as_written = {each.name: each for each in (*chunk.frame, *texts)}
        for name in chunk.frame.columns:
            self._column(name).add_written(as_written[name], found[name], self.rows + 1, chunk.lines)

    def _column(self, name: str) -> ColumnSurvey:
        if name not in self._columns:
            self._columns[name] = ColumnSurvey(name, name in self._texts, self._keep)
            self._columns[name].add_missing(self.rows)
        return self._columns[name]

    def check(self) -> None:
        """Refuses what can only be seen at the end.

        Raises:
            DataError: there are no rows, or a few texts stand among the numbers of a column.
        """
        if not self.rows:
            raise DataError("The table has no rows; send at least one.")
        for column in self._columns.values():
            column.check()

    def refuse_texts(self, names: frozenset[str]) -> None:
        """Refuses texts in columns of these names, whose values have to be numbers.

        Raises:
            DataError: naming the first of them.
        """
        for column in self._columns.values():
            if column.name in names:
                column.refuse_texts()

    @property
    def misread(self) -> frozenset[str]:
        """Columns of texts whose first values were taken for numbers; they have to be seen again, as texts."""
        return frozenset(column.name for column in self._columns.values() if column.was_read_as_numbers)

    def columns(self) -> tuple[NumericColumn | CategoricalColumn, ...]:
        """What each column holds."""
        return tuple(column.column(self.rows) for column in self._columns.values())

    def frame(self) -> DataFrame:
        """The values kept, one series for each column."""
        return DataFrame([column.series().alias(column.name) for column in self._columns.values()])


def check_size(rows: int, columns: int, limit: int) -> None:
    """Refuses a table that is too large, before it takes any memory.

    Raises:
        DataError: too many columns, or too many rows for them.
    """
    if columns > COLUMNS_LIMIT:
        raise DataError(f"The table has {columns} columns; at most {COLUMNS_LIMIT} are possible.")
    if rows * columns * CELL_BYTES > limit:
        raise DataError(
            f"The table is too large: its values may take {limit} bytes, which is "
            f"{limit // CELL_BYTES // columns} rows of {columns} columns. Send fewer rows or columns."
        )


def survey(chunks: Chunks, limit: int, keep: bool = False) -> Survey:
    """Sees a whole table, and a second time only where a column turned out to hold texts after its first chunk.

    Raises:
        DataError: the table cannot be used.
    """
    texts: frozenset[str] = frozenset()
    while True:
        seen = Survey(limit, keep, texts)
        for chunk in chunks():
            seen.add(chunk)
        seen.check()
        if not seen.misread:
            return seen
        texts |= seen.misread
