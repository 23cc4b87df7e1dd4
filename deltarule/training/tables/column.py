"""What one column holds, found out value by value: numbers until a value is not one, texts from then on."""

from collections.abc import Sequence

import numpy as np
import polars
from polars import Series

from deltarule.training.errors import DataError
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn
from deltarule.training.tables.tally import NumberTally, TextTally
from deltarule.training.tables.values import TOO_LARGE, place, shown, shown_name, too_large

NUMBERS_SHARE = 0.9
"""Where more of a column's values than this are numbers, the others are mistakes and not categories."""


class ColumnSurvey:
    """One column, seen part by part.

    Args:
        name: of the column.
        is_text: known to hold texts, whatever they look like.
        keep: hold the values, for `series`.

    Attributes:
        was_read_as_numbers: it holds texts, but its first parts were taken for numbers and their texts not kept.
    """

    def __init__(self, name: str, is_text: bool, keep: bool) -> None:
        self.name = name
        self.is_text = is_text
        self.was_read_as_numbers = False
        self._keep = keep
        self._numbers, self._texts = NumberTally(), TextTally()
        self._written_numbers, self._stranger = 0, ""
        self._parts: list[Series] = []

    def add_numbers(self, numbers: Series, first_row: int, lines: Sequence[int] | None) -> None:
        """Takes numbers in: Float64, null where missing.

        Raises:
            DataError: a number is infinite or too large, or texts came before it.
        """
        values = numbers.to_numpy()
        present = values[~np.isnan(values)]
        if self.is_text and len(present):
            row = numbers.is_not_null().arg_max() or 0
            raise DataError(f"{self._place(row, first_row, lines)}: a number, but earlier values there are texts.")
        if (large := too_large(values)) is not None:
            raise DataError(f"{self._place(large, first_row, lines)}: {TOO_LARGE}")
        self._numbers.add(present)
        self._hold(numbers)

    def add_texts(self, texts: Series, first_row: int, lines: Sequence[int] | None) -> None:
        """Takes texts in that are texts by their format: cleaned String, null where missing.

        Raises:
            DataError: numbers came before them.
        """
        present = texts.drop_nulls()
        if self._numbers.count and len(present):
            row = texts.is_not_null().arg_max() or 0
            raise DataError(
                f"{self._place(row, first_row, lines)}: {shown(present[0])} is a text, "
                "but earlier values there are numbers."
            )
        self.is_text = self.is_text or len(present) > 0
        self._texts.add(present)
        self._hold(texts)

    def add_written(self, texts: Series, numbers: Series, first_row: int, lines: Sequence[int] | None) -> None:
        """Takes texts in that may be numbers: `texts` cleaned, `numbers` the same where they are some, else null."""
        written = len(numbers) - numbers.null_count()
        self._written_numbers += written
        if written < len(texts) - texts.null_count() and not self._stranger:
            row = (texts.is_not_null() & numbers.is_null()).arg_max() or 0
            self._stranger = f"{self._place(row, first_row, lines)}: {shown(texts[row])}"
            self.was_read_as_numbers = not self.is_text and self._numbers.count > 0
            self.is_text = True
        if not self.is_text:
            self.add_numbers(numbers, first_row, lines)
        else:
            self._texts.add(texts.drop_nulls())
            self._hold(texts)

    def add_missing(self, rows: int) -> None:
        """Takes in so many rows without a value."""
        self._hold(Series([None] * rows, dtype=polars.Float64))

    def check(self) -> None:
        """Refuses a column in which a few texts stand among numbers.

        Raises:
            DataError: naming the first of them.
        """
        present = self._texts.count + (self._numbers.count if self.was_read_as_numbers else 0)
        if self._stranger and self._written_numbers > NUMBERS_SHARE * present:
            raise DataError(
                f"{self._stranger} is not a number, but {self._written_numbers} of the {present} values of "
                f"{shown_name(self.name)} are. Correct it, or leave it empty where the value is missing."
            )

    def refuse_texts(self) -> None:
        """Refuses a text that was written where only numbers may be.

        Raises:
            DataError: naming it.
        """
        if self._stranger:
            raise DataError(f"{self._stranger} is not a number, and the column holds numbers.")

    def column(self, rows: int) -> NumericColumn | CategoricalColumn:
        """What is known, of so many rows."""
        return (self._texts if self.is_text else self._numbers).column(self.name, rows)

    def series(self) -> Series:
        """The values kept: Float64 or String, null where missing."""
        if not self.is_text:
            return polars.concat([part.cast(polars.Float64) for part in self._parts])
        texts = polars.concat([part.cast(polars.String) for part in self._parts])
        return texts.str.to_lowercase() if self._texts.are_booleans else texts

    def _hold(self, part: Series) -> None:
        if self._keep:
            self._parts.append(part)

    def _place(self, row: int, first_row: int, lines: Sequence[int] | None) -> str:
        return place(self.name, first_row + row, lines[row] if lines else None)
