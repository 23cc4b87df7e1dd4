"""What the training rows are like, gathered part by part: the same parts always come to the same numbers."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars

from deltarule.training.encoding import (
    CategoricalInput,
    NumericInput,
    categorical_input,
    numeric_input,
    without_noise,
)
from deltarule.training.errors import DataError
from deltarule.training.metrics import Doubles
from deltarule.training.tables.schema import Schema
from deltarule.training.tables.tally import Moments
from deltarule.training.weighing import refuse_nothing


class Statistics:
    """Of some columns: means and standard deviations of the numbers, and how often each text is there."""

    def __init__(self, schema: Schema, names: Sequence[str]) -> None:
        columns = [schema.column(name) for name in names]
        self._numbers = {column.name: Moments() for column in columns if column.type == "numeric"}
        self._texts: dict[str, Counter[str]] = {
            column.name: Counter() for column in columns if column.type == "categorical"
        }

    def add(self, part: polars.DataFrame) -> None:
        """Takes more rows in."""
        for name, moments in self._numbers.items():
            moments.add(part[name].drop_nulls().to_numpy())
        for name, counts in self._texts.items():
            counts.update(dict(part[name].drop_nulls().value_counts().iter_rows()))

    def moments(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation (divided by n) of a column of numbers, as `encoding.moments` has them."""
        found = self._numbers[name]
        if not found.count:
            return 0.0, 0.0
        return without_noise(found.mean, math.sqrt(found.squares / found.count))

    def input(self, name: str, standardize: bool) -> NumericInput | CategoricalInput:
        """The encoding that a column asks for."""
        if name in self._texts:
            return categorical_input(name, self._texts[name])
        return numeric_input(name, *self.moments(name), standardize)


@dataclass(slots=True)
class WeightTally:
    """Of the weights of some rows: how many, the largest, and their sum."""

    count: int = 0
    largest: float = 0.0
    total: float = 0.0

    def add(self, weights: Doubles) -> None:
        """Takes more weights in, none of them negative."""
        self.count += len(weights)
        self.largest = max(self.largest, float(weights.max(initial=0.0)))
        self.total += float(weights.sum())

    def check(self, column: str | None, part: str) -> None:
        """Refuses a part of the rows in which none counts.

        Raises:
            DataError: naming the column that weighs them, or saying that weights are too large to be added up.
        """
        refuse_nothing(self.count, self.largest > 0, column or "", part)
        if not math.isfinite(self.total):
            raise DataError("The weights of the rows are too large to be added up; give smaller ones.")

    def scaled(self, weights: Doubles) -> Doubles:
        """Some of the weights, as they are when all have a mean of 1."""
        return (weights / self.largest) / (self.total / self.largest / self.count)
