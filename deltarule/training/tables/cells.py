"""Values from a JSON document make a column when all of them are of one kind, or missing."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import polars
from polars import Series

from deltarule.backprop.errors import Fault
from deltarule.training.errors import DataError, RowsError
from deltarule.training.tables.values import MAGNITUDE_LIMIT, TOO_LARGE, check_text, place, shown, too_large

KINDS: dict[type, str] = {int: "number", float: "number", str: "text", bool: "boolean"}
"""What the types of a parsed document are called; None is a missing value, and everything else is no value."""

Pointer = Callable[[int], str | None]
"""Gives the JSON Pointer of the value in a row, counted from 0, where it has one."""


def no_pointer(_: int) -> None:
    """Values that stand in no one document have none."""


def column(
    name: str, values: Sequence[Any], pointer: Pointer = no_pointer, kind: str | None = None, first_row: int = 1
) -> Series:
    """A column of Float64 or String (booleans as "true" and "false"), null where a value is None.

    Args:
        name: of the column.
        values: as parsed.
        pointer: of each value, for the error.
        kind: what every value must be; by default what the first one present is.
        first_row: number of the first of these rows.

    Raises:
        RowsError: naming each value that is a list or an object, of another kind than the others, or too large.
    """
    wanted = kind or next((KINDS.get(type(value)) for value in values if value is not None), "number")
    types = {type(value) for value in values} - {type(None)}
    if wanted is None or any(KINDS.get(each) != wanted for each in types):
        raise RowsError(_strangers(name, values, wanted, pointer, first_row))
    if wanted == "number":
        return _numbers(name, values, pointer, first_row)
    if wanted == "boolean":
        values = [None if value is None else str(value).lower() for value in values]
    else:
        _check_texts(name, values, pointer, first_row)
    return Series(name, values, dtype=polars.String)


def _strangers(
    name: str, values: Sequence[Any], wanted: str | None, pointer: Pointer, first_row: int
) -> Iterator[Fault]:
    for row, value in enumerate(values):
        kind = KINDS.get(type(value))
        if value is None or (kind == wanted and kind):
            continue
        found = f"the {kind} {shown(value)}" if kind else "a list or an object"
        rest = f"a {wanted} is expected there" if wanted else "a value must be a number, a text, a boolean or null"
        yield Fault(pointer(row) or "", f"{place(name, row + first_row)}: {found}, but {rest}.")


def _numbers(name: str, values: Sequence[Any], pointer: Pointer, first_row: int) -> Series:
    numbers = Series(name, [None if value is None else _float(value) for value in values], dtype=polars.Float64)
    if too_large(numbers.to_numpy()) is not None:
        wrong = np.flatnonzero(np.abs(numbers.to_numpy()) > MAGNITUDE_LIMIT).tolist()
        raise RowsError(Fault(pointer(row) or "", f"{place(name, row + first_row)}: {TOO_LARGE}") for row in wrong)
    return numbers


def _float(number: float) -> float:
    """The number as a float; infinity where a whole number is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _check_texts(name: str, values: Sequence[Any], pointer: Pointer, first_row: int) -> None:
    faults: list[Fault] = []
    for row, value in enumerate(values):
        try:
            check_text(value or "", place(name, row + first_row), pointer(row))
        except DataError as error:
            faults += error.faults
    if faults:
        raise RowsError(faults)
