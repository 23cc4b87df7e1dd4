"""Rows whose answers are known: whoever computes the model somewhere else can see that it is the same one."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from deltarule.backprop.architecture import Dtype
from deltarule.training.errors import DataError
from deltarule.training.model import Model
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn

TOLERANCES: Mapping[Dtype, float] = MappingProxyType({"float32": 1e-5, "float64": 1e-9})
"""How far a number may be off, for numbers up to 1; relative for larger ones."""

UNKNOWN = "a text that training never saw"

Row = dict[str, Any]


def proof(model: Model) -> dict[str, Any]:
    """`rows`, their `predictions` and the `tolerance` for the numbers in them.

    The rows are the columns' smallest, largest and middle values, one without any value and one of unknown texts; those
    that the model refuses are left out.
    """
    answered = [(row, answer) for row in _rows(model) for answer in _answer(model, row)]
    return {
        "rows": [row for row, _ in answered],
        "predictions": [answer for _, answer in answered],
        "tolerance": TOLERANCES[model.network.dtype] * _unit(model),
    }


def _unit(model: Model) -> float:
    """What a difference of 1 between outputs comes to in the target's own units."""
    target = model.form.target
    return max(1.0, *target.standard_deviations) if target.type == "number" else 1.0


def _rows(model: Model) -> Iterator[Row]:
    yield {column.name: _number(column, "minimum", 0) for column in model.columns}
    yield {column.name: _number(column, "maximum", -1) for column in model.columns}
    yield {column.name: _number(column, "mean", 0) for column in model.columns}
    yield {column.name: UNKNOWN if column.type == "categorical" else column.mean for column in model.columns}
    yield {column.name: None for column in model.columns}


def _number(column: NumericColumn | CategoricalColumn, statistic: str, place: int) -> float | str | None:
    if column.type == "categorical":
        return column.categories[place] if column.categories else None
    number: float | None = getattr(column, statistic)
    return number


def _answer(model: Model, row: Row) -> Iterator[Row]:
    try:
        (answer,) = model.predict_rows([row])
    except DataError:
        return
    yield {name: value for name, value in answer.items() if name != "notes"}
