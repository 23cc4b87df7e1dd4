"""NumPy arrays, and what is as good as one, become an NPZ file: exact, small, and written by NumPy itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Protocol

from deltarule.client.errors import InvalidInput

if TYPE_CHECKING:
    import numpy

TABLES = "Columns of texts or of several kinds are sent as a frame, or as a dict of columns."


class Array(Protocol):
    """What arrays and tensors have in common."""

    @property
    def shape(self) -> Any:  # noqa: ANN401 - sizes
        """Its sizes."""

    def __array__(self) -> Any:  # noqa: ANN401 - a NumPy array
        """The same as a NumPy array."""


def is_array(data: object) -> bool:
    """Whether this is an array or a tensor; a series or a frame is none."""
    return hasattr(data, "__array__") and hasattr(data, "shape") and not hasattr(data, "name") and not _is_table(data)


def npz_of(inputs: object, targets: object) -> bytes:
    """The arrays `inputs` (n × d numbers; n numbers are a single column) and `targets` (n, or n × k) as an NPZ file.

    Raises:
        InvalidInput: for arrays that the service cannot read.
    """
    import numpy  # noqa: PLC0415 - loaded by the first array

    inputs, targets = _inputs(inputs), _targets(targets)
    if len(inputs) != len(targets):
        raise InvalidInput(f"There are {len(inputs)} rows of inputs, but {len(targets)} of targets.")
    file = io.BytesIO()
    numpy.savez(file, allow_pickle=False, inputs=inputs, targets=targets)
    return file.getvalue()


def array_of(values: object) -> numpy.ndarray[Any, Any]:
    """These values as an array.

    Raises:
        InvalidInput: for rows of several lengths.
    """
    import numpy  # noqa: PLC0415 - loaded by the first array

    try:
        return numpy.asarray(values)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"The values make no array: {error}.", "Give every row the same length.") from error


def _inputs(values: object) -> numpy.ndarray[Any, Any]:
    array = array_of(values)
    if array.dtype.kind == "O":
        array = _numbers(array)
    if array.dtype.kind not in "biuf" or array.ndim not in (1, 2):
        raise InvalidInput(f"Inputs of shape {array.shape} and type {array.dtype} are no rows of numbers.", TABLES)
    return array.reshape(len(array), -1)


def _targets(values: object) -> numpy.ndarray[Any, Any]:
    array = array_of(values)
    if array.dtype.kind == "O":
        array = array.astype(str) if all(isinstance(value, str) for value in array.flat) else _numbers(array)
    if array.ndim not in (1, 2) or array.dtype.kind not in ("biufU" if array.ndim == 1 else "biuf"):
        raise InvalidInput(f"Targets of shape {array.shape} and type {array.dtype} are neither numbers nor labels.")
    return array


def _numbers(array: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any]:
    try:
        return array.astype("float64")
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"The array holds values of several kinds: {error}.", TABLES) from error


def _is_table(data: object) -> bool:
    return hasattr(data, "columns") or hasattr(data, "collect_schema")
