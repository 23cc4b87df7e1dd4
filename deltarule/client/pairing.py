"""What to learn from and what to predict: two names in one table, or two things in the caller's hands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarule.client.answers import Dataset
from deltarule.client.arrays import Array, is_array
from deltarule.client.errors import InvalidInput
from deltarule.client.frames import Frame, frame_of, is_frame, series_of, with_columns

TARGET = "target"
"""The column of targets that have no name of their own."""
HINT = "Give them beside the inputs: client.train(inputs, targets)."

Table = str | Path | Mapping[str, Any] | Frame | tuple[Any, Any]
"""A file; a frame of polars, pandas or Arrow; columns by name (lists, arrays or series); or a pair of inputs (a frame,
an array, nested lists) and targets, which `{"inputs": ..., "targets": ...}` is too."""

Data = Table | Dataset | Array | Sequence[Sequence[Any]]
"""What can be trained on."""

Target = str | Sequence[Any] | Frame | Array
"""Names of columns, or the values to predict."""

Names = str | Sequence[str] | None
"""The target columns; None where the data is arrays, which have no names."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """Rows of numbers and what to predict of each, without names."""

    inputs: Any
    targets: Any


def paired(data: Any, target: Any, called: Sequence[str] = ()) -> tuple[Any, Names]:  # noqa: ANN401 - anything held
    """The one table that is trained on, and the names of its targets.

    `target` names columns, or holds the values themselves: of arrays and nested lists always, of frames and columns
    wherever it is no name or list of names; `called` are the names for them, in place of their own.

    Raises:
        InvalidInput: for targets that do not fit the data.
    """
    if isinstance(data, tuple):
        inputs, targets = _two(data)
        return paired(inputs, targets, called) if target is None else _refuse("The targets are given twice.")
    if is_array(data) or _is_nested_list(data):
        return _arrays(data, target), None
    if target is None or _are_names(target):
        return data, target if target is None or isinstance(target, str) else list(target)
    if is_frame(data):
        named = _columns(target)
        names = list(called) if len(called) == len(named) else [name for name, _ in named]
        columns = [series_of(name, values) for name, (_, values) in zip(names, named, strict=True)]
        return with_columns(frame_of(data), columns), names[0] if len(names) == 1 else names
    if isinstance(data, Mapping):
        name = called[0] if called else TARGET
        return {**data, name: target}, name
    raise InvalidInput("The targets must be columns of the table.", "Name them: target='species'.")


def _arrays(inputs: object, targets: object) -> Arrays:
    if targets is None:
        raise InvalidInput("Arrays of inputs need their targets.", HINT)
    if isinstance(targets, str):
        raise InvalidInput(f"Arrays have no column {targets!r}: their columns have no names.", HINT)
    return Arrays(inputs, targets)


def _columns(values: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - whatever a caller holds
    """Columns by name: of a frame its own, of a series the one, of an array or a list one for each output."""
    if is_frame(values):
        return [(column.name, column) for column in frame_of(values)]
    if is_array(values) and len(values.shape) > 1:
        return [(f"{TARGET}_{place}", values[:, place]) for place in range(values.shape[1])]
    name = getattr(values, "name", None)
    return [(TARGET if name in (None, "") else str(name), values)]


def _are_names(target: object) -> bool:
    if isinstance(target, str):
        return True
    return isinstance(target, Sequence) and len(target) > 0 and all(isinstance(name, str) for name in target)


def _is_nested_list(data: object) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str | bytes | Path)


def _two(pair: tuple[Any, ...]) -> tuple[Any, Any]:
    if len(pair) != 2:  # noqa: PLR2004
        _refuse(f"A tuple is a pair of inputs and targets, but this one holds {len(pair)} things.")
    return pair[0], pair[1]


def _refuse(sentence: str) -> Any:  # noqa: ANN401 - never comes back
    raise InvalidInput(sentence, HINT)
