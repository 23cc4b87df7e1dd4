"""A frame or an array goes in, and the answers come out as one of the same kind, row for row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from deltarule.client.arrays import array_of
from deltarule.client.errors import InvalidInput
from deltarule.client.frames import frame_of

if TYPE_CHECKING:
    from deltarule.client.answers import Column, Prediction

NOTES = "notes"


def rows_of_frame(frame: object, inputs: Iterable[Column]) -> list[tuple[Any, ...]]:
    """The values of each row in the order of the model's inputs, None where missing; other columns are not looked at.

    Raises:
        InvalidInput: for an input that the frame has not.
    """
    table, names = frame_of(frame), [column.name for column in inputs]
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise InvalidInput(
            f"The frame lacks {', '.join(map(repr, missing))}; the model's inputs are {', '.join(map(repr, names))}.",
            "Fill a column with None to have it imputed.",
        )
    return table.select(names).fill_nan(None).rows()


def rows_of_array(array: object) -> list[list[Any]]:
    """The values of each row, None where missing.

    Raises:
        InvalidInput: for what is not rows of values.
    """
    values = array_of(array)
    if values.ndim != 2:  # noqa: PLR2004
        raise InvalidInput(
            f"The array has the shape {values.shape}, but rows of values are wanted.", "A single row is array[None]."
        )
    if values.dtype.kind in "fO":
        absent = values != values  # noqa: PLR0124 - true of NaN alone
        if absent.any():
            values = values.astype(object)
            values[absent] = None
    return values.tolist()  # type: ignore[no-any-return]


def frame_like(frame: Any, predictions: Sequence[Prediction]) -> Any:  # noqa: ANN401 - of the library that asks
    """The answers as a frame of the same library; of pandas with the same index."""
    columns = columns_of(predictions)
    if hasattr(frame, "iloc"):
        return type(frame)(columns, index=frame.index)
    import polars  # noqa: PLC0415 - loaded by the frame that came in

    schema = {NOTES: polars.String} if columns[NOTES] else None
    answered = polars.DataFrame(columns, schema_overrides=schema)
    return answered.to_arrow() if hasattr(frame, "to_pylist") else answered


def array_like(predictions: Sequence[Prediction]) -> Any:  # noqa: ANN401 - a NumPy array
    """The answers as an array: labels or values (n), values of several targets or labels that apply (n × k)."""
    if predictions and predictions[0].values is not None:
        return array_of([list((prediction.values or {}).values()) for prediction in predictions])
    if predictions and predictions[0].labels is not None:
        names = list(predictions[0].probabilities or {})
        return array_of([[name in (prediction.labels or ()) for name in names] for prediction in predictions])
    if predictions and predictions[0].value is not None:
        return array_of([prediction.value for prediction in predictions])
    return array_of([prediction.label for prediction in predictions])


def columns_of(predictions: Sequence[Prediction]) -> dict[str, list[Any]]:
    """The answers by column: `label` or `labels` and `probability_...`, `value`, or each target; and `notes`."""
    rows = [_cells(prediction) for prediction in predictions]
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else {NOTES: None})}


def _cells(prediction: Prediction) -> dict[str, Any]:
    cells: dict[str, Any] = dict(prediction.values or {})
    if prediction.value is not None:
        cells["value"] = prediction.value
    if prediction.label is not None:
        cells["label"] = prediction.label
    if prediction.labels is not None:
        cells["labels"] = list(prediction.labels)
    cells |= {f"probability_{name}": share for name, share in (prediction.probabilities or {}).items()}
    return {**cells, NOTES: " ".join(prediction.notes) or None}
