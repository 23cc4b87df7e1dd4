"""How the values of a table's columns are spread: bars to look at, counted in one pass over at most so many rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars

from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema
from deltarule.training.tables.stream import Stream

BINS = 24
"""Bars of a histogram: enough to see a second hump, few enough to be drawn small."""

CELLS_LIMIT = 16_000_000
"""Values that are looked at: a second or two. Of a larger table the first rows stand for all of them."""

HALF = 0.5
LARGEST_CENTRED = 2.0**50
"""Below this, a whole number and the halves beside it are told apart."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Of a column of numbers: `counts[i]` values lie from `edges[i]` to under `edges[i + 1]`, the last edge included.

    Few whole numbers have a bar each, with the number in its middle.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def whole_numbers(self) -> tuple[int, ...]:
        """The numbers that there are, where each has a bar of its own; none where bars are ranges."""
        if self.edges[0] % 1 != HALF or self.edges[1] - self.edges[0] != 1:
            return ()
        return tuple(int(edge + HALF) for edge, count in zip(self.edges, self.counts, strict=False) if count)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of a column of texts: how often each is there, the most frequent first."""

    values: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Distributions:
    """Of a table, by column; None for a column without values, or whose texts are too many to be listed.

    Attributes:
        rows: that were looked at, all of them or the first.
        columns: in the schema's order.
    """

    rows: int
    columns: tuple[Histogram | Frequencies | None, ...]


def distributions(table: Stream, cells: int = CELLS_LIMIT) -> Distributions:
    """How the columns are spread, over the parts of the table that come to about so many cells.

    Raises:
        DataError: the table is no longer what was described.
    """
    counters = [_counter(column) for column in table.schema.columns]
    rows = 0
    for part in _first(table, cells):
        rows += part.height
        for counter, values in zip(counters, part.iter_columns(), strict=True):
            if counter is not None:
                counter.add(values.drop_nulls())
    return Distributions(rows, tuple(None if each is None else each.counted() for each in counters))


def first_rows(schema: Schema, cells: int = CELLS_LIMIT) -> int:
    """How many rows of such a table are looked at, about."""
    return min(schema.rows, max(1, cells // max(1, len(schema.columns))))


class _Numbers:
    """Counts a column of numbers that lie between its smallest and its largest."""

    def __init__(self, edges: Sequence[float]) -> None:
        self._edges = tuple(edges)
        self._counts = np.zeros(len(edges) - 1, np.int64)

    def add(self, values: polars.Series) -> None:
        bins, limits = len(self._counts), (self._edges[0], self._edges[-1])
        # The limits of a single bar may be one number, which NumPy would make room around.
        self._counts += len(values) if bins == 1 else np.histogram(values.to_numpy(), bins, limits)[0]

    def counted(self) -> Histogram:
        return Histogram(self._edges, tuple(self._counts.tolist()))


class _Texts:
    """Counts a column of texts that are few enough to be listed."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, values: polars.Series) -> None:
        self._counts.update(dict(values.value_counts().iter_rows()))

    def counted(self) -> Frequencies:
        found = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return Frequencies(tuple(text for text, _ in found), tuple(count for _, count in found))


def _counter(column: NumericColumn | CategoricalColumn) -> _Numbers | _Texts | None:
    if column.type == "categorical":
        return _Texts() if column.categories else None
    if column.minimum is None or column.maximum is None:
        return None
    return _Numbers(_edges(column, column.minimum, column.maximum))


def _edges(column: NumericColumn, low: float, high: float) -> Sequence[float]:
    centred = column.whole_numbers and max(abs(low), abs(high)) < LARGEST_CENTRED
    if centred and high - low < BINS:
        return [low - 0.5 + step for step in range(int(high - low) + 2)]
    edges = np.linspace(low, high, BINS + 1)
    told_apart: list[float] = edges.tolist() if (np.diff(edges) > 0).all() else [low, high]
    return told_apart


def _first(table: Stream, cells: int) -> Iterator[polars.DataFrame]:
    left = first_rows(table.schema, cells)
    for part in table.parts():
        yield part
        left -= part.height
        if left <= 0:
            return
