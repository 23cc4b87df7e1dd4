"""A trained model from its owner's side: predict with it, measure it, take it home."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from deltarule.client.answers import Document, ModelAnswer, Prediction
from deltarule.client.errors import InvalidInput
from deltarule.client.session import Session
from deltarule.client.transport import Request
from deltarule.client.uploads import readable

ExportFormat = Literal["npz", "json", "safetensors", "onnx", "bundle"]
ROWS_AT_ONCE = 5_000
"""Rows in one request, so that a long table stays below the service's limit for a body."""
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

    def predict(self, rows: Sequence[Mapping[str, Any]] | Sequence[Sequence[float]]) -> list[Prediction]:
        """What the model says of each row: a mapping by column name, or (for models of plain arrays) a list of numbers.

        Raises:
            Refused: for rows that do not fit the model's inputs.
            InvalidInput: for values that JSON cannot carry.
        """
        field = "rows" if all(isinstance(row, Mapping) for row in rows) else "inputs"
        return [prediction for part in _parts(rows) for prediction in self._predictions(field, part)]

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

    def evaluate(self, dataset_id: str) -> Document:
        """The model's metrics on another dataset."""
        return self._session.post(f"{self._path}/evaluations", json.dumps({"dataset_id": dataset_id}).encode())

    def export(self, format: ExportFormat = "npz") -> bytes:  # noqa: A002 - the contract's own word
        """The model as a file.

        Args:
            format: `npz` (NumPy arrays), `json` (weights and preprocessing in full precision), `safetensors` (arrays
                for any framework), `onnx` (a graph with the preprocessing inside) or `bundle` (a zip with a program
                that needs NumPy only).

        Raises:
            Refused: for a format that the service does not write.
        """
        return self._session.send(
            Request("GET", f"{self._path}/export", {"format": format}, answer_seconds=300)
        ).content

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
        try:
            body = json.dumps({field: list(rows)}, allow_nan=False).encode()
        except (ValueError, TypeError) as error:
            raise InvalidInput(
                f"The rows cannot be written as JSON: {error}.", "Write None for a missing value."
            ) from error
        return self._read(self._session.post(f"{self._path}/predictions", body))

    def _read(self, answer: Document) -> list[Prediction]:
        return [self._session.read(Prediction, document) for document in answer.get("predictions", [])]


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, max(len(rows), 1), ROWS_AT_ONCE))
