"""A model is a network and its encoding: rows go in as the user has them, answers come out in the target's words."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars

from deltarule.backprop.architecture import ActivationName, Network
from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import Fault
from deltarule.backprop.network import predict
from deltarule.backprop.parameters import Parameters, layout
from deltarule.backprop.record import Record
from deltarule.backprop.resolution import resolved
from deltarule.training.encoding import CategoricalInput, InputEncoding, NumericInput, TooLargeError
from deltarule.training.errors import DataError, RowsError
from deltarule.training.metrics import Doubles, Metrics
from deltarule.training.spec import Preprocessing, TaskName
from deltarule.training.tables.csv_rows import from_csv
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.rows import from_rows
from deltarule.training.tables.schema import Column, Schema
from deltarule.training.tables.source import Source
from deltarule.training.tables.values import place, shown, shown_name
from deltarule.training.targets import Prediction, Target

ROWS_AT_ONCE = 1024
"""Answers that are put into words together."""


class Form(Record):
    """All of a model but its parameters.

    Attributes:
        definition: what it was trained by, resolved, without the weights that training started from.
        task: what it answers.
        preprocessing: as it was trained with.
        inputs: how columns become inputs.
        target: how outputs become answers.
        table: the columns of the data it was trained on, those it does not look at too.
    """

    definition: Definition
    task: TaskName
    preprocessing: Preprocessing
    inputs: InputEncoding
    target: Target
    table: Schema


@dataclass(frozen=True, slots=True)
class Model:
    """A trained network with its encoding."""

    form: Form
    parameters: Parameters

    @property
    def network(self) -> Network:
        """The network, without weights."""
        return self.form.definition.network

    @property
    def output_activation(self) -> ActivationName:
        """The activation of the output layer."""
        return resolved(self.network.layers[-1].activation)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The input columns, as the training data describes them."""
        return tuple(self.form.table.column(name) for name in self.form.inputs.names)

    @property
    def known_columns(self) -> tuple[Column, ...]:
        """The input columns and the target columns, as the training data describes them."""
        return (*self.columns, *(self.form.table.column(name) for name in self.form.target.names))

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of the parameters: in the network's dtype, little-endian, in the order of the flat vector."""
        return hashlib.sha256(_little_endian(self.parameters)).hexdigest()

    def description(self) -> dict[str, Any]:
        """The model for a JSON document: everything but its parameters and metrics."""
        form = self.form
        return {
            "task": form.task,
            "parameters": self.parameters.layout.size,
            "sha256": self.weights_sha256,
            "network": self.network.model_dump(mode="json", exclude={"layers": {"__all__": {"weights", "biases"}}}),
            "loss": form.definition.loss.model_dump(mode="json"),
            "inputs": [column.model_dump(mode="json") for column in self.columns],
            "target": list(form.target.names),
            "preprocessing": form.preprocessing.model_dump(mode="json")
            | {"inputs": form.inputs.model_dump(mode="json")["columns"], "target": form.target.model_dump(mode="json")},
        }

    def answers(self, frame: polars.DataFrame) -> Iterator[Prediction]:
        """An answer for each row of a frame of the input columns; computed now, put into words one by one.

        Raises:
            DataError: as from `predict_rows`.
        """
        self._refuse_missing(frame)
        outputs = self.outputs(frame)
        parts = (slice(start, start + ROWS_AT_ONCE) for start in range(0, frame.height, ROWS_AT_ONCE))
        return (answer for part in parts for answer in self._answers(frame[part], outputs[part]))

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[Prediction]:
        """An answer for each row, a mapping of column names to values.

        Other columns of the training data may be there, and are not looked at. A missing value counts as the column's
        fill and a text never seen in training as none of the known ones; the answer's `notes` say so.

        Raises:
            DataError: with its pointer, a name or value that is wrong, or a missing value where the model was trained
                with `missing` "error".
        """
        others = set(self.form.table.names) - set(self.form.inputs.names)
        return list(self.answers(from_rows([_without(row, others) for row in rows], self.columns).frame))

    def predict_csv(self, source: Source) -> Iterator[Prediction]:
        """An answer for each row of a CSV file, as from `predict_rows`; computed now, put into words one by one.

        Raises:
            DataError: as from `predict_rows`, or the file is no CSV.
        """
        return self.answers(from_csv(source, self.columns, frozenset(self.form.table.names)))

    def predict_inputs(self, inputs: Sequence[Sequence[Any]]) -> tuple[list[Prediction], list[list[float]]]:
        """An answer for each row of values, which stand in the order of the input columns; and the raw outputs.

        Raises:
            DataError: as from `predict_rows`, or a row of another length.
        """
        names = self.form.inputs.names
        with _in_place(lambda pointer: _in_inputs(pointer, names)):
            frame = from_rows(_named(inputs, names), self.columns).frame
            self._refuse_missing(frame)
            outputs = self.outputs(frame)
        return self._answers(frame, outputs), outputs.tolist()

    def outputs(self, frame: polars.DataFrame, first_row: int = 0) -> Doubles:
        """The output activations, n × outputs, for a frame of the input columns, which begins with row `first_row`.

        Raises:
            DataError: with a pointer into "/rows", an input or an output that leaves the range of the network's dtype.
        """
        try:
            inputs = self.form.inputs.encode(frame, self.network.dtype)
        except TooLargeError as error:
            raise RowsError(self._too_large(frame, first_row)) from error
        outputs = predict(self.network, self.parameters, inputs).astype(np.float64)
        wrong = np.flatnonzero(~np.isfinite(outputs).all(axis=1)).tolist()
        if wrong:
            sentence = "the output is not finite; its values are too far from those of the training."
            rows = (first_row + row for row in wrong)
            raise RowsError(Fault(f"/rows/{row}", f"Row {row + 1}: {sentence}") for row in rows)
        return outputs

    def measure(self, targets: Doubles, outputs: Doubles) -> Metrics:
        """The metrics of outputs against encoded targets."""
        return self.form.target.measure(targets, outputs, self.output_activation)

    def to_bytes(self) -> bytes:
        """The model as an NPZ archive: the flat parameter vector, and the rest as JSON; equal models, equal bytes."""
        file = io.BytesIO()
        form = np.frombuffer(self.form.model_dump_json().encode(), np.uint8)
        np.savez(file, allow_pickle=False, form=form, parameters=self.parameters.vector)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, written: bytes) -> "Model":
        """The model that `to_bytes` wrote.

        Raises:
            DataError: these bytes are none.
        """
        try:
            with np.load(io.BytesIO(written), allow_pickle=False) as archive:
                form = Form.model_validate_json(archive["form"].tobytes())
                vector = archive["parameters"]
            return cls(form, Parameters(layout(form.definition.network, form.inputs.width), vector))
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, json.JSONDecodeError) as error:
            raise DataError("These bytes are no model of this version.") from error

    def _answers(self, frame: polars.DataFrame, outputs: Doubles) -> list[Prediction]:
        answers = self.form.target.predictions(outputs, self.output_activation)
        for column in self.form.inputs.columns:
            values = frame[column.name]
            for row in values.is_null().arg_true():
                _note(answers[row], f"{shown_name(column.name)} is missing; it counts as {_fill(column)}.")
            for row in np.flatnonzero(column.unknown(values)) if column.type == "categorical" else ():
                told = f"{shown_name(column.name)}: {shown(values[int(row)])} was not in the training data"
                _note(answers[row], f"{told}; it counts as none of its categories.")
        return answers

    def _refuse_missing(self, frame: polars.DataFrame) -> None:
        if self.form.preprocessing.missing == "error":
            sentence = "the value is missing, and the model was trained on rows that miss none."
            cells = [(row, name) for name in self.form.inputs.names for row in frame[name].is_null().arg_true()]
            if cells:
                raise RowsError(_faults(cells, sentence))

    def _too_large(self, frame: polars.DataFrame, first_row: int) -> Iterator[Fault]:
        """The values that leave the range of the network's dtype once they are encoded."""
        largest = np.finfo(self.network.dtype).max
        numeric = (column for column in self.form.inputs.columns if column.type == "numeric")
        encoded = ((column.name, np.abs(column.encode(frame[column.name])) > largest) for column in numeric)
        cells = [(first_row + row, name) for name, wrong in encoded for row in np.flatnonzero(wrong).tolist()]
        return _faults(cells, "the value is too far from those of the training.")


def _faults(cells: Sequence[tuple[int, str]], sentence: str) -> Iterator[Fault]:
    """The same fault in several cells, row by row."""
    for row, name in sorted(cells, key=lambda cell: cell[0]):
        yield Fault(f"/rows/{row}/{escaped(name)}", f"{place(name, row + 1)}: {sentence}")


def without_weights(definition: Definition) -> Definition:
    """The definition without the weights that training starts from."""
    network = definition.network
    layers = tuple(layer.model_copy(update={"weights": None, "biases": None}) for layer in network.layers)
    return definition.model_copy(update={"network": network.model_copy(update={"layers": layers})})


def _little_endian(parameters: Parameters) -> bytes:
    vector = parameters.vector
    return vector.astype(vector.dtype.newbyteorder("<")).tobytes()


def _without(row: Mapping[str, Any], others: set[str]) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name not in others} if isinstance(row, Mapping) else row


def _fill(column: NumericInput | CategoricalInput) -> str:
    return f"{column.fill:.6g}" if column.type == "numeric" else shown(column.fill)


def _note(answer: Prediction, sentence: str) -> None:
    answer.setdefault("notes", []).append(sentence)


@contextmanager
def _in_place(pointer: Callable[[str], str]) -> Iterator[None]:
    """Faults of rows, with the pointers that they have in the document that the rows came in."""
    try:
        yield
    except DataError as error:
        raise RowsError(Fault(pointer(fault.pointer), fault.detail) for fault in error.faults) from error


def _in_inputs(pointer: str, names: Sequence[str]) -> str:
    """The place in "/inputs" of one in "/rows": columns by number instead of by name."""
    _, _, *row = pointer.split("/")
    if len(row) > 1:
        row[1] = str([escaped(name) for name in names].index(row[1]))
    return "/".join(("", "inputs", *row))


def _named(inputs: Sequence[Sequence[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of values as rows by column name."""
    wrong = [number for number, row in enumerate(inputs) if not _fits(row, len(names))]
    if wrong:
        sentence = f"must be a list of {len(names)} values, in the order of the input columns."
        raise RowsError(Fault(f"/rows/{number}", f"Row {number + 1} {sentence}") for number in wrong)
    return [dict(zip(names, row, strict=True)) for row in inputs]


def _fits(row: Sequence[Any], width: int) -> bool:
    return isinstance(row, Sequence) and not isinstance(row, str) and len(row) == width
