"""A trained model from its owner's side: predict with it, measure it, take it home."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, overload

from deltarule.client.answers import Dataset, Document, ModelAnswer, Prediction
from deltarule.client.arrays import Array, is_array
from deltarule.client.errors import InvalidInput
from deltarule.client.frames import Frame, is_frame
from deltarule.client.pairing import Data, Target, paired
from deltarule.client.predicting import array_like, frame_like, rows_of_array, rows_of_frame
from deltarule.client.sending import for_a_while
from deltarule.client.session import Session
from deltarule.client.transport import Request
from deltarule.client.uploads import readable, written

AnyFrame = TypeVar("AnyFrame", bound=Frame)
Row = Mapping[str, Any] | Sequence[Any]

ExportFormat = Literal["npz", "json", "safetensors", "onnx", "bundle"]
ROWS_AT_ONCE = 5_000
"""Rows in one request, so that a long table stays below the service's limit for a body."""
CELLS_AT_ONCE = 250_000
PREDICTION_SECONDS = 300.0


class Model:
    """One model. `answer` is its description: task, inputs, target, metrics, network without weights."""

    def __init__(self, session: Session, document: Document) -> None:
        self._session = session
        self.answer = session.read(ModelAnswer, document)

    def __repr__(self) -> str:
        return f"Model({self.id!r}, task={self.answer.task!r}, parameters={self.answer.parameters})"

    @property
    def id(self) -> str:
        """The model's identifier."""
        return self.answer.id

    @property
    def metrics(self) -> Mapping[str, Document | None]:
        """The metrics on the rows it was trained on (`training`) and on those held back (`validation`, or None)."""
        return self.answer.metrics

    @overload
    def predict(self, data: str | Path | Sequence[Row]) -> list[Prediction]: ...
    @overload
    def predict(self, data: AnyFrame) -> AnyFrame: ...
    @overload
    def predict(self, data: Array) -> Any: ...  # noqa: ANN401 - a NumPy array
    def predict(self, data: Any) -> Any:
        """What the model says of each row, in the form that the rows have.

        Of rows by column name, plain lists of values in the order of the model's inputs, or a CSV file, a list of
        `Prediction`. Of a frame, a frame of the same library (and index) with the columns `label` and
        `probability_...`, `value`, or the targets, and `notes`. Of an array, an array of labels or values. A frame may
        have other columns than the model's inputs. None and NaN are missing, and filled in as they were in training.

        Raises:
            Refused: for rows that do not fit the model's inputs.
            InvalidInput: for a frame without one of them, and for values that JSON cannot carry.
        """
        if isinstance(data, str | Path):
            return self.predict_file(data)
        if is_frame(data):
            return frame_like(data, self._predictions("inputs", rows_of_frame(data, self.answer.inputs)))
        if is_array(data):
            return array_like(self._predictions("inputs", rows_of_array(data)))
        if isinstance(data, Mapping):
            raise InvalidInput("A single row is no list of rows.", "Put it into one: model.predict([row]).")
        rows = list(data)
        return self._predictions("rows" if all(isinstance(row, Mapping) for row in rows) else "inputs", rows)

    def predict_csv(self, path: str | Path) -> bytes:
        """Predictions for the rows of a CSV file, as CSV with one line for each of its rows.

        Raises:
            InvalidInput: for a file that cannot be read.
            Refused: for rows that do not fit the model's inputs.
        """
        return self._session.send(self._csv_request(path, "text/csv")).content

    def predict_file(self, path: str | Path) -> list[Prediction]:
        """Predictions for the rows of a CSV file, one for each of its rows.

        Raises:
            InvalidInput: for a file that cannot be read.
            Refused: for rows that do not fit the model's inputs.
        """
        return self._read(self._session.document(self._csv_request(path, "application/json")))

    def evaluate(self, data: Data, target: Target | None = None) -> Document:
        """The model's metrics on other data: its answer has `metrics`, as the model itself has of its own rows.

        `data` is a dataset or its id, or a file, a frame or columns with the model's inputs and its target, or inputs
        and `target` apart, as in `Client.train`; they are uploaded, and removed again.

        Raises:
            Refused: for data that does not fit the model.
        """
        if isinstance(data, Dataset):
            return self._measured(data.id)
        if isinstance(data, str) and not Path(data).suffix:
            return self._measured(data)
        table, _ = paired(data, target, self.answer.target)
        with for_a_while(self._session, table) as dataset:
            return self._measured(dataset.id)

    @overload
    def export(self, format: ExportFormat = "npz") -> bytes: ...
    @overload
    def export(self, format: ExportFormat, path: str | Path) -> Path: ...
    def export(self, format: ExportFormat = "npz", path: str | Path | None = None) -> bytes | Path:  # noqa: A002 - the contract's own word
        """The model as bytes, or as the file at `path`.

        Args:
            format: `npz` (NumPy arrays), `json` (weights and preprocessing in full precision), `safetensors` (arrays
                for any framework), `onnx` (a graph with the preprocessing inside) or `bundle` (a zip with a program
                that needs NumPy only).
            path: where to write it; the path is what is answered then.

        Raises:
            Refused: for a format that the service does not write.
            InvalidInput: for a path that cannot be written.
        """
        request = Request("GET", f"{self._path}/export", {"format": format}, answer_seconds=300)
        content = self._session.send(request).content
        return content if path is None else written(Path(path), content)

    def delete(self) -> None:
        """Remove the model."""
        self._session.delete(self._path)

    @property
    def _path(self) -> str:
        return f"/v1/models/{self.answer.id}"

    def _csv_request(self, path: str | Path, answer: str) -> Request:
        headers = {"Content-Type": "text/csv", "Accept": answer}
        return Request("POST", f"{self._path}/predictions", {}, readable(Path(path)), headers, PREDICTION_SECONDS)

    def _predictions(self, field: str, rows: Sequence[Any]) -> list[Prediction]:
        return [prediction for part in _parts(rows) for prediction in self._answered(field, part)]

    def _answered(self, field: str, rows: Sequence[Any]) -> list[Prediction]:
        try:
            body = json.dumps({field: rows}, allow_nan=False).encode()
        except (ValueError, TypeError) as error:
            raise InvalidInput(
                f"The rows cannot be written as JSON: {error}.", "Write None for a missing value."
            ) from error
        return self._read(self._session.post(f"{self._path}/predictions", body))

    def _measured(self, dataset_id: str) -> Document:
        return self._session.post(f"{self._path}/evaluations", json.dumps({"dataset_id": dataset_id}).encode())

    def _read(self, answer: Document) -> list[Prediction]:
        return [self._session.read(Prediction, document) for document in answer.get("predictions", [])]


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    size = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, len(rows[0]) if rows else 1)))
    return (rows[start : start + size] for start in range(0, max(len(rows), 1), size))
