"""A table is columns of one type each, and a schema is what can be said of them without showing a row."""

from dataclasses import dataclass
from typing import Annotated, Literal

import polars
from pydantic import Field

from deltarule.backprop.record import Record

Format = Literal["csv", "parquet", "npz", "json", "ndjson"]
TargetShape = Literal["none", "one_dimensional", "two_dimensional"]

CATEGORIES_LIMIT = 1000
"""A column with more different texts than this lists none of them."""

CATEGORY_LENGTH_LIMIT = 256
"""A column with a text longer than this many characters lists none: such texts are prose, not categories."""

DISTINCT_LIMIT = 10_000
"""Different values are counted up to this many; more are not told apart, so that memory does not grow with the file."""


class NumericColumn(Record):
    """A column of finite numbers.

    Attributes:
        name: as in the header, without surrounding blanks.
        missing: rows without a value.
        distinct: different values present, counted up to `DISTINCT_LIMIT`.
        whole_numbers: every value present is a whole number.
        minimum, maximum, mean: over the values present; None where there are none.
        standard_deviation: of the sample (divided by n - 1); None where fewer than two values are present.
    """

    name: str
    type: Literal["numeric"] = "numeric"
    missing: int
    distinct: int
    whole_numbers: bool
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    standard_deviation: float | None = None


class CategoricalColumn(Record):
    """A column of texts.

    Attributes:
        name: as in the header, without surrounding blanks.
        missing: rows without a value.
        distinct: different texts present, counted up to `DISTINCT_LIMIT` (fewer where they are very long).
        categories: all of them, sorted; empty where there are more than `CATEGORIES_LIMIT`, or some are longer than
            `CATEGORY_LENGTH_LIMIT` characters.
    """

    name: str
    type: Literal["categorical"] = "categorical"
    missing: int
    distinct: int
    categories: Annotated[tuple[str, ...], Field(strict=False)] = ()


Column = Annotated[NumericColumn | CategoricalColumn, Field(discriminator="type")]


class Schema(Record):
    """What a dataset is made of.

    Attributes:
        targets: how many dimensions the array `targets` had; "none" for formats with named columns.
    """

    format: Format
    rows: int
    columns: Annotated[tuple[Column, ...], Field(strict=False)]
    targets: TargetShape = "none"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> NumericColumn | CategoricalColumn:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in memory: `frame` has the schema's columns in their order, numeric ones as Float64 (finite), categorical
    ones as String; null is a missing value."""

    schema: Schema
    frame: polars.DataFrame
