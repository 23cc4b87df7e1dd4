"""Rows with their answers become the very numbers that a trained network steps on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars

from deltarule.training.encoding import TooLargeError
from deltarule.training.errors import DataError
from deltarule.training.metrics import Doubles
from deltarule.training.model import Model
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.rows import from_rows
from deltarule.training.tables.values import place
from deltarule.training.targets import LabelsTarget, Target


@dataclass(frozen=True, slots=True)
class Encoded:
    """Inputs n × inputs and targets n × outputs, float64, as the model's encoding makes them of rows."""

    inputs: Doubles
    targets: Doubles


def encoded(model: Model, rows: Sequence[Mapping[str, Any]]) -> Encoded:
    """The rows as the network sees them, and what its outputs are compared with.

    Args:
        model: whose encoding is used.
        rows: values by column name, the target columns among them. Other columns of the training data may be there, and
            are not looked at; a missing input counts as the column's fill.

    Raises:
        DataError: with its pointer into "/rows", a name or value that is wrong, a target that is missing, or a missing
            input where the model was trained with `missing` "error".
    """
    names = {column.name for column in model.known_columns}
    others = set(model.form.table.names) - names
    known = [{name: value for name, value in row.items() if name not in others} for row in rows]
    frame = from_rows(known, model.known_columns).frame
    _refuse_missing(frame, _required(model))
    try:
        inputs = model.form.inputs.encode(frame, "float64")
    except TooLargeError as error:
        raise DataError(str(error), _pointer(error.row, error.column)) from error
    return Encoded(inputs.astype(np.float64), _targets(model.form.target, frame))


def _required(model: Model) -> Iterator[str]:
    yield from model.form.target.names
    if model.form.preprocessing.missing == "error":
        yield from model.form.inputs.names


def _refuse_missing(frame: polars.DataFrame, names: Iterable[str]) -> None:
    for name in names:
        if frame[name].null_count():
            row = frame[name].is_null().arg_max() or 0
            raise DataError(f"{place(name, row + 1)}: the value is missing.", _pointer(row, name))


def _targets(target: Target, frame: polars.DataFrame) -> Doubles:
    try:
        return target.encode(frame)
    except DataError as error:
        raise DataError(str(error), _place_of_fault(target, frame)) from error


def _place_of_fault(target: Target, frame: polars.DataFrame) -> str:
    """Where the target that cannot be encoded stands: the first, column by column."""
    for name in target.names:
        alone = target.model_copy(update={"names": (name,)}) if isinstance(target, LabelsTarget) else target
        for row in range(frame.height):
            try:
                alone.encode(frame.slice(row, 1))
            except DataError:
                return _pointer(row, name)
    return "/rows"


def _pointer(row: int, name: str) -> str:
    return f"/rows/{row}/{escaped(name)}"
