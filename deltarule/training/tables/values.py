"""A number is what everybody writes as one; a missing value is what nobody would take for a value."""

from collections.abc import Iterable

import numpy as np
import polars
from numpy.typing import NDArray
from polars import DataFrame

from deltarule.training.errors import DataError

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
"""Texts that stand for a missing value, blanks around them aside."""

MAGNITUDE_LIMIT = 1e100
"""Largest absolute value of a number: the square of a larger one could no longer be summed over the rows."""

TOO_LARGE = f"the number is infinite or too large; its size may be at most {MAGNITUDE_LIMIT:g}."

NAME_LIMIT = 256
"""Characters of a column's name."""

SHOWN_LENGTH = 40
"""Characters of a value or a name that a sentence shows."""

_NUMBER = r"^[+-]?([0-9]+[%s]?[0-9]*|[%s][0-9]+)([eE][+-]?[0-9]+)?$"


def cleaned(texts: DataFrame) -> DataFrame:
    """The same columns of String, blanks around each value taken off, and missing markers as null."""
    stripped = polars.all().str.strip_chars()
    return texts.select(stripped).select(polars.when(~polars.all().is_in(MISSING)).then(polars.all()))


def numbers(texts: DataFrame, decimal_comma: bool = False) -> DataFrame:
    """Columns of Float64 with the numbers among cleaned texts, and null for all else.

    A number is digits, a decimal point (or comma, where asked for) and an exponent; `inf` or `1_000` is none.
    """
    written = polars.all()
    is_number = written.str.contains(_NUMBER.replace("%s", ".," if decimal_comma else "."))
    pointed = written.str.replace(",", ".", literal=True) if decimal_comma else written
    return texts.select(polars.when(is_number).then(pointed).cast(polars.Float64))


def plain_numbers(texts: DataFrame) -> DataFrame:
    """Of columns of String those, as Float64, in which every text is a number as it stands: none of them is missing.

    They need no cleaning, and no pattern: what else the cast takes for a number is not finite.
    """
    found = texts.select(polars.all().cast(polars.Float64, strict=False))
    usable = found.select(polars.all().is_not_null().all() & polars.all().is_finite().all())
    return found.select(column.name for column in usable if column.item())


def too_large(numbers: NDArray[np.float64]) -> int | None:
    """The first place, from 0, where a number is infinite or too large; None where all are usable, or NaN."""
    wrong = np.abs(numbers) > MAGNITUDE_LIMIT
    return int(wrong.argmax()) if wrong.any() else None


def check_text(text: str, place: str, pointer: str | None = None) -> str:
    """The text itself, when databases, JSON and columns can all hold it.

    Raises:
        DataError: it holds a NUL character or half of a surrogate pair.
    """
    if "\0" in text:
        raise DataError(f"{place}: the text holds a NUL character, which no text should; take it out.", pointer)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{place}: the text holds half of a surrogate pair, which is no character.", pointer) from error
    return text


def checked_names(names: Iterable[str], pointer: str | None = None) -> list[str]:
    """The names of a table's columns, in their order.

    Raises:
        DataError: one is empty, too long, no proper text, or there twice.
    """
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(f"Column {number} has no name; every column needs one.", pointer)
        if len(name) > NAME_LIMIT:
            raise DataError(f"The name of column {number} is longer than {NAME_LIMIT} characters.", pointer)
        if name in seen:
            raise DataError(f"Columns {seen[name]} and {number} have the same name, {shown(name)}.", pointer)
        seen[check_text(name, f"name of column {number}", pointer)] = number
    return list(seen)


def shown(value: object) -> str:
    """A value as a sentence shows it: quoted, and cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}'" if len(text) <= SHOWN_LENGTH else f"'{text[:SHOWN_LENGTH]}…'"


def counted(count: int, noun: str) -> str:
    """A number of things: "1 value", "2 values"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def place(column: str, row: int, line: int | None = None) -> str:
    """Where a value stands: "row 17 (line 18), column price"; rows are data rows, the first one is row 1."""
    return f"row {row}{f' (line {line})' if line else ''}, column {shown_name(column)}"


def shown_name(name: str) -> str:
    """A column's name as a sentence shows it: bare where it is short and plain, else quoted and cut."""
    return name if len(name) <= SHOWN_LENGTH and name.isprintable() and " " not in name else shown(name)
