"""Some rows count more than others: by their own weight, by the weight of their class, or by both multiplied."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars

from deltarule.backprop.numerics import Array
from deltarule.training.encoding import Rows
from deltarule.training.errors import DataError
from deltarule.training.metrics import Doubles
from deltarule.training.naming import listed
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.values import counted, shown, shown_name


def class_weights(asked: Literal["balanced"] | Mapping[str, float], sizes: Rows, labels: Sequence[str]) -> Doubles:
    """The weight of each class.

    Args:
        asked: "balanced" for rows / (classes × rows of the class), over the classes that have rows (G. King, L. Zeng,
            2001); or the weights by name, 1 for the others.
        sizes: training rows of each class.
        labels: the classes by name.

    Raises:
        DataError: a weight is given for a class that is none.
    """
    if asked == "balanced":
        present = np.count_nonzero(sizes)
        return np.where(sizes > 0, sizes.sum() / (present * np.maximum(sizes, 1)), 1.0)
    for name in asked:
        if name not in labels:
            pointer = f"/training/class_weight/{escaped(name)}"
            raise DataError(f"{shown(name)} is no class; the classes are {listed(labels)}.", pointer)
    return np.array([asked.get(label, 1.0) for label in labels])


def sample_weights(values: polars.Series, rows: Rows) -> Doubles:
    """The weights that a column gives; those of other rows than `rows` may be anything.

    Raises:
        DataError: a weight is missing or negative, or all of them are 0.
    """
    weights = usable_weights(values, rows)
    if not weights[rows].any():
        raise DataError(f"All weights in column {values.name} are 0; at least one row must count.", "/sample_weight")
    return weights


def usable_weights(values: polars.Series, rows: Rows) -> Doubles:
    """The same for a part of a column, in which all weights may be 0.

    Raises:
        RowError: a weight is missing or negative.
    """
    weights = values.to_numpy()
    wrong = ~(weights[rows] >= 0)
    if wrong.any():
        row = int(rows[np.argmax(wrong)])
        found = "is missing" if np.isnan(weights[row]) else f"is {weights[row]:g}, and must not be negative"
        raise RowError(row, values.name, f"the weight {found}.", "/sample_weight")
    return weights


def check_some_count(weights: Array, column: str, part: str) -> None:
    """Refuses a part of the rows in which none counts.

    Args:
        weights: of its rows.
        column: that weighs them.
        part: "training" or "validation".

    Raises:
        DataError: naming the column and the part.
    """
    refuse_nothing(len(weights), bool(weights.any()), column, part)


def refuse_nothing(size: int, counts: bool, column: str, part: str) -> None:
    """The same for a part of so many rows, of which it is known whether any counts."""
    if not counts:
        rows = counted(size, "row")
        raise DataError(
            f"All weights in column {shown_name(column)} are 0 in the {part} part of the data ({rows}); at least one "
            "must count. Give more rows a weight above 0, or choose another seed or validation_fraction.",
            "/sample_weight",
        )
