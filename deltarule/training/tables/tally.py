"""What a column's values come to, gathered chunk by chunk in any amount of data and a fixed amount of memory.

Mean and sum of squared differences are joined as in T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a
pairwise algorithm for computing sample variances" (1979), so that the result does not suffer from large means.
"""

import math
from dataclasses import dataclass, field

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

TEXTS_BYTES_LIMIT = 1 << 25
"""Bytes of different texts kept for one column while they are counted."""


Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Moments:
    """Of some numbers: how many, their mean, and the sum of their squared distances from it."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, numbers: Numbers) -> None:
        """Takes more numbers in, finite ones."""
        if not len(numbers):
            return
        mean = float(numbers.mean())
        difference = mean - self.mean
        total = self.count + len(numbers)
        self.squares += float(np.square(numbers - mean).sum()) + difference**2 * self.count * len(numbers) / total
        self.mean += difference * len(numbers) / total
        self.count = total


@dataclass(slots=True)
class NumberTally(Moments):
    """Of the numbers of one column: how many, how large, how spread, and up to a limit which."""

    minimum: float = math.inf
    maximum: float = -math.inf
    whole: bool = True
    distinct: Numbers = field(default_factory=lambda: np.empty(0))

    def add(self, numbers: Numbers) -> None:
        """Takes more numbers in, finite ones."""
        if not len(numbers):
            return
        Moments.add(self, numbers)
        self.minimum = min(self.minimum, float(numbers.min()))
        self.maximum = max(self.maximum, float(numbers.max()))
        self.whole = self.whole and bool((numbers == np.floor(numbers)).all())
        if len(self.distinct) < DISTINCT_LIMIT:
            # Many numbers are hashed rather than sorted; of few, calling polars would be most of the work.
            fresh = numbers if len(numbers) < DISTINCT_LIMIT else Series(numbers).unique().to_numpy()
            self.distinct = np.union1d(self.distinct, fresh)[:DISTINCT_LIMIT]

    def column(self, name: str, rows: int) -> NumericColumn:
        """What the numbers come to, as a column of so many rows."""
        if not self.count:
            return NumericColumn(name=name, missing=rows, distinct=0, whole_numbers=False)
        return NumericColumn(
            name=name,
            missing=rows - self.count,
            distinct=len(self.distinct),
            whole_numbers=self.whole,
            minimum=self.minimum,
            maximum=self.maximum,
            mean=min(max(self.mean, self.minimum), self.maximum),
            standard_deviation=math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else None,
        )


class TextTally:
    """Of the texts of one column: how many, and up to a limit which."""

    def __init__(self) -> None:
        self.count = 0
        self._distinct = Series(dtype=polars.String)
        self._is_full = False

    def add(self, texts: Series) -> None:
        """Takes more texts in: String, cleaned, no nulls."""
        self.count += len(texts)
        if self._is_full or not len(texts):
            return
        self._distinct = polars.concat([self._distinct, texts.unique()]).unique().head(DISTINCT_LIMIT)
        too_long = self._distinct.estimated_size() > TEXTS_BYTES_LIMIT
        self._is_full = too_long or len(self._distinct) == DISTINCT_LIMIT

    @property
    def are_booleans(self) -> bool:
        """Every text is true or false, in whatever letters."""
        return 0 < len(self._distinct) <= len(_BOOLEANS) and _BOOLEANS.issuperset(self._distinct)

    def column(self, name: str, rows: int) -> CategoricalColumn:
        """What the texts come to, as a column of so many rows."""
        texts = set(self._distinct.str.to_lowercase() if self.are_booleans else self._distinct)
        listed = len(texts) <= CATEGORIES_LIMIT and max(map(len, texts), default=0) <= CATEGORY_LENGTH_LIMIT
        return CategoricalColumn(
            name=name,
            missing=rows - self.count,
            distinct=len(texts),
            categories=tuple(sorted(texts)) if listed else (),
        )


_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
