"""Rows that can be used: those with a target, and with whatever else may not be missing."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import polars
from numpy.typing import NDArray

from deltarule.training.encoding import Rows
from deltarule.training.errors import DataError
from deltarule.training.naming import listed
from deltarule.training.spec import Missing
from deltarule.training.tables.row_error import RowError


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

    @property
    def counts(self) -> "RowCounts":
        """How many they are."""
        return RowCounts(len(self.kept), self.without_target, self.incomplete, self.filled)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The rows of a table, counted: those used, and the others as `Usable` has them."""

    kept: int = 0
    without_target: int = 0
    incomplete: int = 0
    filled: int = 0

    def __add__(self, other: "RowCounts") -> "RowCounts":
        """Those of both parts of a table."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return RowCounts(*(ours + theirs for ours, theirs in pairs))


def usable_rows(frame: polars.DataFrame, targets: Sequence[str], features: Sequence[str], missing: Missing) -> Usable:
    """The rows to use by the rule for missing values.

    Raises:
        DataError: a value is missing where none may be, or no rows are left.
    """
    if missing == "error":
        refuse_missing(frame, incomplete_columns(frame, [*targets, *features]))
    usable = usable_part(frame, targets, features, missing)
    refuse_nothing_left(usable.counts, missing)
    return usable


def usable_part(frame: polars.DataFrame, targets: Sequence[str], features: Sequence[str], missing: Missing) -> Usable:
    """The rows to use of a part of a table, which may be none."""
    has_target = _complete(frame, targets)
    is_complete = _complete(frame, features)
    kept = has_target & is_complete if missing == "drop" else has_target
    return Usable(
        np.flatnonzero(kept),
        without_target=int(np.count_nonzero(~has_target)),
        incomplete=int(np.count_nonzero(has_target & ~kept)),
        filled=int(np.count_nonzero(kept & ~is_complete)),
    )


def _complete(frame: polars.DataFrame, names: Sequence[str]) -> NDArray[np.bool_]:
    """For each row, whether it has a value in every one of the columns."""
    complete = np.ones(frame.height, np.bool_)
    for name in incomplete_columns(frame, names):
        complete &= present(frame[name])
    return complete


def present(values: polars.Series) -> NDArray[np.bool_]:
    """For each value, whether it is there."""
    if values.dtype == polars.String:
        there: NDArray[np.bool_] = values.is_not_null().to_numpy()
        return there
    # Sooner than polars, which plans a query first; numbers that are there are finite.
    numbers: NDArray[np.float64] = values.to_numpy()
    return ~np.isnan(numbers)


def incomplete_columns(frame: polars.DataFrame, names: Sequence[str]) -> list[str]:
    """Those of the columns that miss a value."""
    return [name for name in names if frame[name].null_count()]


def refuse_missing(frame: polars.DataFrame, incomplete: Sequence[str]) -> None:
    """Refuses the first gap in the first of the columns that miss a value.

    Raises:
        RowError: where the frame has it.
    """
    if incomplete and frame[incomplete[0]].null_count():
        raise RowError(
            frame[incomplete[0]].is_null().arg_max() or 0,
            incomplete[0],
            f"the value is missing. Values are missing in {listed(incomplete)}; "
            'fill them, or set "missing" to "impute" or "drop".',
        )


def refuse_nothing_left(counts: RowCounts, missing: Missing) -> None:
    """Refuses a table of which no row can be used.

    Raises:
        DataError: saying why.
    """
    if counts.kept:
        return
    rows = counts.without_target + counts.incomplete
    if not rows:
        raise DataError("The data has no rows.")
    if not counts.incomplete:
        raise DataError(f"No rows are left: none of the {rows} rows has a value in every target column.")
    raise DataError(
        f'No rows are left: with "missing" set to "{missing}", every one of the {rows} rows misses a value; '
        'set it to "impute", or leave out the columns that have many gaps.'
    )
