"""Rows that can be used: those with a target, and with whatever else may not be missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars
from numpy.typing import NDArray

from deltarule.training.encoding import Rows
from deltarule.training.errors import DataError
from deltarule.training.naming import listed
from deltarule.training.spec import Missing
from deltarule.training.tables.values import place


@dataclass(frozen=True, slots=True)
class Usable:
    """Which rows are used, and how many are not.

    Attributes:
        kept: their numbers, from 0, ascending.
        without_target: rows left out because they have no target.
        incomplete: other rows left out because they miss a value.
        filled: rows used although they miss a value.
    """

    kept: Rows
    without_target: int
    incomplete: int
    filled: int


def usable_rows(frame: polars.DataFrame, targets: Sequence[str], features: Sequence[str], missing: Missing) -> Usable:
    """The rows to use by the rule for missing values.

    Raises:
        DataError: a value is missing where none may be, or no rows are left.
    """
    if missing == "error":
        _refuse_missing(frame, [*targets, *features])
    has_target = _complete(frame, targets)
    is_complete = _complete(frame, features)
    kept = has_target & is_complete if missing == "drop" else has_target
    if not kept.any():
        raise DataError(_nothing_left(frame.height, has_target, missing))
    return Usable(
        np.flatnonzero(kept),
        without_target=int(np.count_nonzero(~has_target)),
        incomplete=int(np.count_nonzero(has_target & ~kept)),
        filled=int(np.count_nonzero(kept & ~is_complete)),
    )


def _complete(frame: polars.DataFrame, names: Sequence[str]) -> NDArray[np.bool_]:
    """For each row, whether it has a value in every one of the columns."""
    complete = np.ones(frame.height, np.bool_)
    for name in names:
        complete &= frame[name].is_not_null().to_numpy()
    return complete


def _refuse_missing(frame: polars.DataFrame, names: Sequence[str]) -> None:
    incomplete = [name for name in names if frame[name].null_count()]
    if incomplete:
        first = frame[incomplete[0]].is_null().arg_max() or 0
        raise DataError(
            f"{place(incomplete[0], first + 1)}: the value is missing. Values are missing in {listed(incomplete)}; "
            'fill them, or set "missing" to "impute" or "drop".'
        )


def _nothing_left(rows: int, has_target: NDArray[np.bool_], missing: Missing) -> str:
    if not rows:
        return "The data has no rows."
    if not has_target.any():
        return f"No rows are left: none of the {rows} rows has a value in every target column."
    return (
        f'No rows are left: with "missing" set to "{missing}", every one of the {rows} rows misses a value; '
        'set it to "impute", or leave out the columns that have many gaps.'
    )
