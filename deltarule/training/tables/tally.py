"""What a column's values come to, gathered chunk by chunk in any amount of data and a fixed amount of memory.

Mean and sum of squared differences are joined as in T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a
pairwise algorithm for computing sample variances" (1979), so that the result does not suffer from large means.
"""

import math
from dataclasses import dataclass

import numpy as np
import polars
from numpy.typing import NDArray
from polars import Series

from deltarule.training.tables.schema import (
    CATEGORIES_LIMIT,
    CATEGORY_LENGTH_LIMIT,
    DISTINCT_LIMIT,
    CategoricalColumn,
    NumericColumn,
)

_TEXTS_BYTES_LIMIT = 1 << 25
"""Bytes of different texts kept for one column while they are counted."""


class Distinct:
    """The different values seen so far, up to a limit."""

    def __init__(self) -> None:
        self._values: Series | None = None
        self.count = 0

    @property
    def is_full(self) -> bool:
        """No more values are told apart."""
        return self._values is None and self.count > 0

    def add(self, values: Series) -> None:
        """Takes more values in; `values` has no nulls."""
        if self.is_full or not len(values):
            return
        new = values.unique()
        joined = new if self._values is None else polars.concat([self._values, new]).unique()
        self.count = min(len(joined), DISTINCT_LIMIT)
        too_many = len(joined) >= DISTINCT_LIMIT or joined.estimated_size() > _TEXTS_BYTES_LIMIT
        self._values = None if too_many else joined

    def sorted(self) -> list[str]:
        """The values, sorted; empty where they were too many."""
        return [] if self._values is None else self._values.sort().to_list()


@dataclass(slots=True)
class NumberTally:
    """Of the numbers of one column: how many, how large, how spread."""

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    whole: bool = True
    distinct: Distinct | None = None

    def add(self, numbers: Series) -> None:
        """Takes more numbers in: Float64, finite, no nulls."""
        if not len(numbers):
            return
        values: NDArray[np.float64] = numbers.to_numpy()
        self._add_moments(values)
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))
        self.whole = self.whole and bool((values == np.floor(values)).all())
        self.distinct = self.distinct or Distinct()
        self.distinct.add(numbers)

    def _add_moments(self, values: NDArray[np.float64]) -> None:
        mean = float(values.mean())
        difference = mean - self.mean
        total = self.count + len(values)
        self.squares += float(np.square(values - mean).sum()) + difference**2 * self.count * len(values) / total
        self.mean += difference * len(values) / total
        self.count = total

    def column(self, name: str, rows: int) -> NumericColumn:
        """What the numbers come to, as a column of so many rows."""
        if not self.count:
            return NumericColumn(name=name, missing=rows, distinct=0, whole_numbers=False)
        return NumericColumn(
            name=name,
            missing=rows - self.count,
            distinct=self.distinct.count if self.distinct else 0,
            whole_numbers=self.whole,
            minimum=self.minimum,
            maximum=self.maximum,
            mean=min(max(self.mean, self.minimum), self.maximum),
            standard_deviation=math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else None,
        )


class TextTally:
    """Of the texts of one column: how many, and which."""

    def __init__(self) -> None:
        self.count = 0
        self._distinct = Distinct()

    def add(self, texts: Series) -> None:
        """Takes more texts in: String, cleaned, no nulls."""
        self.count += len(texts)
        self._distinct.add(texts)

    @property
    def are_booleans(self) -> bool:
        """Every text is true or false, in whatever letters."""
        texts = self._distinct.sorted() if self._distinct.count <= len(_BOOLEANS) else []
        return bool(texts) and all(text in _BOOLEANS for text in texts)

    def column(self, name: str, rows: int) -> CategoricalColumn:
        """What the texts come to, as a column of so many rows."""
        few = self._distinct.count <= CATEGORIES_LIMIT
        texts = self._distinct.sorted() if few else []
        if self.are_booleans:
            texts = sorted({text.lower() for text in texts})
        listed = few and all(len(text) <= CATEGORY_LENGTH_LIMIT for text in texts)
        return CategoricalColumn(
            name=name,
            missing=rows - self.count,
            distinct=len(texts) if self.are_booleans else self._distinct.count,
            categories=tuple(texts) if listed else (),
        )


_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
