"""Columns become the numbers a network sees, by statistics of the training rows alone.

A numeric column is one input: (value - mean) / standard deviation. A categorical column is one input for each of its
categories, 1 where the value is that category and 0 elsewhere. A missing value counts as the column's `fill`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import polars
from numpy.typing import NDArray
from pydantic import Field

from deltarule.backprop.architecture import Dtype
from deltarule.backprop.record import Record
from deltarule.training.errors import DataError
from deltarule.training.naming import no_such_column
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema, Table
from deltarule.training.tables.stream import Stream
from deltarule.training.tables.values import shown, shown_name

Inputs = NDArray[np.floating[Any]]
Rows = NDArray[np.intp]

NOISE = 1e-12
"""A standard deviation below this share of the mean is what rounding leaves of a column that never varies."""


class TooLargeError(RowError):
    """A number that the network's dtype can't hold, as it comes out of the encoding."""

    def __init__(self, number: float, dtype: Dtype, row: int, column: str) -> None:
        sentence = f'{number:g} is too large for {dtype}; set "standardize" to true, or "dtype" to float64.'
        super().__init__(row, column, sentence)


class NumericInput(Record):
    """A column of numbers, as one input.

    Attributes:
        fill: what a missing value counts as: the mean of the values present.
        mean, standard_deviation: of the values present (divided by n), or 0 and 1 where nothing is standardized. A
            standard deviation of 0 belongs to a column that never varied in training: it teaches nothing and gives 0.
    """

    type: Literal["numeric"] = "numeric"
    name: str
    fill: float
    mean: float = 0.0
    standard_deviation: float = 1.0

    @property
    def width(self) -> int:
        """Inputs that the column takes."""
        return 1

    def encode(self, values: polars.Series) -> NDArray[np.float64]:
        """One column: n × 1."""
        numbers = values.to_numpy()  # NaN where a value is missing; those that are there are finite
        if values.null_count():
            numbers = np.where(np.isnan(numbers), self.fill, numbers)
        scale = self.standard_deviation or math.inf
        encoded: NDArray[np.float64] = (numbers - self.mean) / scale
        return encoded[:, np.newaxis]


class CategoricalInput(Record):
    """A column of texts, as one input for each category; a text that is none of them gives zeros.

    Attributes:
        categories: those of the training rows, sorted.
        fill: what a missing value counts as: the most frequent category, the first by name among equals; None where
            the training rows have no value.
    """

    type: Literal["categorical"] = "categorical"
    name: str
    categories: Annotated[tuple[str, ...], Field(strict=False)]
    fill: str | None

    @property
    def width(self) -> int:
        """Inputs that the column takes."""
        return len(self.categories)

    def encode(self, values: polars.Series) -> NDArray[np.float64]:
        """One column for each category: n × categories."""
        encoded = np.zeros((len(values), self.width))
        numbers = codes(values, self.categories)
        if self.fill is not None and values.null_count():
            numbers[values.is_null().to_numpy()] = self.categories.index(self.fill)
        known = numbers >= 0
        encoded[np.flatnonzero(known), numbers[known]] = 1.0
        return encoded

    def unknown(self, values: polars.Series) -> NDArray[np.bool_]:
        """For each value, whether it is a text that training never saw."""
        unknown: NDArray[np.bool_] = (codes(values, self.categories) < 0) & values.is_not_null().to_numpy()
        return unknown


Input = Annotated[NumericInput | CategoricalInput, Field(discriminator="type")]


class InputEncoding(Record):
    """How the input columns of a model become its inputs, in this order."""

    columns: Annotated[tuple[Input, ...], Field(strict=False)]

    @property
    def names(self) -> tuple[str, ...]:
        """The input columns."""
        return tuple(column.name for column in self.columns)

    @property
    def width(self) -> int:
        """The number of inputs of the network."""
        return sum(column.width for column in self.columns)

    def encode(self, frame: polars.DataFrame, dtype: Dtype) -> Inputs:
        """The inputs, n × width, of a frame that holds the columns in their types.

        Raises:
            TooLargeError: a number leaves the range of `dtype`.
        """
        inputs = np.empty((frame.height, self.width), dtype)
        start = 0
        for column in self.columns:
            encoded = column.encode(frame[column.name])
            check_range(encoded, dtype, column.name)
            inputs[:, start : start + column.width] = encoded
            start += column.width
        return inputs


def fit_inputs(frame: polars.DataFrame, rows: Rows, names: Sequence[str], standardize: bool) -> InputEncoding:
    """The encoding of these columns that the training rows (their numbers in `frame`) ask for."""
    return InputEncoding(columns=tuple(_fitted(frame[name], rows, standardize) for name in names))


def _fitted(values: polars.Series, rows: Rows, standardize: bool) -> NumericInput | CategoricalInput:
    if values.dtype == polars.String:
        return _fitted_texts(values.name, values[rows])
    # In NumPy, because a small table is read sooner than polars has planned what to do.
    numbers = values.to_numpy()[rows]
    return numeric_input(values.name, *moments(numbers[~np.isnan(numbers)]), standardize)


def _fitted_texts(name: str, values: polars.Series) -> CategoricalInput:
    counts = dict(values.value_counts().iter_rows())
    counts.pop(None, None)  # missing values
    return categorical_input(name, counts)


def numeric_input(name: str, mean: float, deviation: float, standardize: bool) -> NumericInput:
    """The encoding of a column whose training rows have this mean and standard deviation."""
    if not standardize:
        return NumericInput(name=name, fill=mean)
    return NumericInput(name=name, fill=mean, mean=mean, standard_deviation=deviation)


def categorical_input(name: str, counts: Mapping[str, int]) -> CategoricalInput:
    """The encoding of a column whose training rows have these texts so many times."""
    categories = tuple(sorted(counts))
    return CategoricalInput(
        name=name, categories=categories, fill=max(categories, key=counts.__getitem__, default=None)
    )


def moments(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation (divided by n); 0 and 0 of no numbers, and exactly 0 for equal numbers."""
    if not len(numbers):
        return 0.0, 0.0
    return without_noise(float(np.mean(numbers)), float(np.std(numbers)))


def without_noise(mean: float, deviation: float) -> tuple[float, float]:
    """Both, with a standard deviation of exactly 0 where rounding is all there is of it."""
    return mean, deviation if deviation > NOISE * abs(mean) else 0.0


def codes(values: polars.Series, categories: Sequence[str]) -> Rows:
    """For each text its place among the categories; -1 where it is none of them, or missing."""
    places = values.cast(polars.Enum(categories), strict=False).to_physical().to_numpy()
    return np.where(np.isnan(places), -1, places).astype(np.intp)


def check_range(encoded: NDArray[np.float64], dtype: Dtype, name: str) -> None:
    """Refuses a number of the column that `dtype` can't hold.

    Raises:
        TooLargeError: naming its row.
    """
    wrong = np.abs(encoded) > np.finfo(dtype).max
    if wrong.any():
        row = int(np.argmax(wrong.any(axis=1)))
        raise TooLargeError(float(encoded[row, 0]), dtype, row, name)


def conform(table: Table, columns: Sequence[NumericColumn | CategoricalColumn], purpose: str) -> polars.DataFrame:
    """These columns of the table, in the types they are known by; a column without any value has any type.

    Args:
        table: rows from another source than the one the columns were described from.
        columns: what is asked for.
        purpose: who asks, to begin a sentence with: "The model".

    Raises:
        DataError: a column is not there, or holds texts instead of numbers, or the other way round.
    """
    for column in columns:
        _check_name(table.schema, column.name, purpose)
        _check_type(table.frame[column.name], column, purpose)
    return table.frame.select(_known_as(columns))


def conform_stream(given: Stream, columns: Sequence[NumericColumn | CategoricalColumn], purpose: str) -> Stream:
    """The same for rows that come in parts.

    Raises:
        DataError: a column is not there, or holds something else.
    """
    for column in columns:
        _check_name(given.schema, column.name, purpose)
        found = given.schema.column(column.name)
        if found.type != column.type and found.missing < given.schema.rows:
            wanted, holds = (_HOLDS[one.type] for one in (column, found))
            raise DataError(f"{purpose} knows column {shown_name(column.name)} as {wanted}, and here it holds {holds}.")
    schema = given.schema.model_copy(update={"columns": tuple(given.schema.column(one.name) for one in columns)})
    known = _known_as(columns)
    return Stream(schema, lambda: (part.select(known) for part in given.parts()))


_HOLDS = {"numeric": "numbers", "categorical": "texts"}


def _known_as(columns: Sequence[NumericColumn | CategoricalColumn]) -> list[polars.Expr]:
    types = {"numeric": polars.Float64, "categorical": polars.String}
    return [polars.col(column.name).cast(types[column.type]) for column in columns]


def _check_name(schema: Schema, name: str, purpose: str) -> None:
    if name not in schema.names:
        raise DataError(f"{purpose} needs column {shown_name(name)}. {no_such_column(name, schema.names)}")


def _check_type(values: polars.Series, column: NumericColumn | CategoricalColumn, purpose: str) -> None:
    is_text = values.dtype == polars.String
    if is_text != (column.type == "categorical") and values.null_count() < len(values):
        first = values.drop_nulls()[0]
        wanted, found = ("numbers", "texts") if is_text else ("texts", "numbers")
        raise DataError(
            f"{purpose} knows column {shown_name(column.name)} as {wanted}, and here it holds {found}, "
            f"such as {shown(first)}."
        )
