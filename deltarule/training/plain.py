"""Rows in which nothing is missing, unknown or odd take a short way through a model: straight from values to arrays.

Whatever else a row may hold is for `Model.predict_rows` to refuse or to take a note of; both give the same bits.
"""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.network import predict
from deltarule.backprop.resolution import resolved
from deltarule.training.encoding import CategoricalInput, NumericInput
from deltarule.training.metrics import Doubles
from deltarule.training.model import Model
from deltarule.training.tables.values import MAGNITUDE_LIMIT
from deltarule.training.targets import Prediction

NUMBERS = frozenset({int, float})


class PlainRows:
    """The short way through one model, which has so many input `columns`, of which `texts` hold texts."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._cells = tuple(itemgetter(name) for name in model.form.inputs.names)
        self._columns = tuple(_encoder(column) for column in model.form.inputs.columns)
        self.columns = len(self._columns)
        self.texts = sum(isinstance(column, _Texts) for column in self._columns)
        self._width = model.form.inputs.width
        self._largest = float(np.finfo(model.network.dtype).max)
        self._activation: ActivationName = resolved(model.network.layers[-1].activation)

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[Prediction] | None:
        """What `Model.predict_rows` answers, or None where a row is not plain or its answer would not be finite."""
        # As many cells as there are columns, and each column among them: then there is nothing else.
        if set(map(len, rows)) != {self.columns}:
            return None
        try:
            values = [list(map(cell, rows)) for cell in self._cells]
        except KeyError:
            return None
        answered = self._answered(values)
        return answered and answered[0]

    def predict_inputs(self, inputs: Sequence[Sequence[Any]]) -> tuple[list[Prediction], list[list[float]]] | None:
        """What `Model.predict_inputs` answers, or None as from `predict`."""
        if not inputs or any(len(row) != self.columns for row in inputs):
            return None
        answered = self._answered(list(zip(*inputs, strict=True)))
        return answered and (answered[0], answered[1].tolist())

    def _answered(self, columns: Sequence[Sequence[Any]]) -> tuple[list[Prediction], Doubles] | None:
        """The answers and the output activations, n × outputs, for the values of each input column."""
        inputs = self._encoded(columns)
        if inputs is None:
            return None
        outputs = predict(self.model.network, self.model.parameters, inputs).astype(np.float64)
        if not np.isfinite(outputs).all():
            return None
        return self.model.form.target.predictions(outputs, self._activation), outputs

    def _encoded(self, columns: Sequence[Sequence[Any]]) -> np.ndarray[Any, Any] | None:
        inputs = np.zeros((len(columns[0]), self._width), self.model.network.dtype)
        start = 0
        for encoder, values in zip(self._columns, columns, strict=True):
            if not encoder.encode(values, inputs[:, start : start + encoder.width], self._largest):
                return None
            start += encoder.width
        return inputs


class _Numbers:
    """A numeric column: (value - mean) / standard deviation."""

    width = 1

    def __init__(self, column: NumericInput) -> None:
        self._mean, self._scale = column.mean, column.standard_deviation or math.inf

    def encode(self, values: Sequence[Any], into: np.ndarray[Any, Any], largest: float) -> bool:
        """Write the inputs, n × 1; False where a value is no plain number."""
        if not set(map(type, values)) <= NUMBERS:
            return False
        try:
            numbers = np.array(values, np.float64)
        except OverflowError:
            return False
        encoded = (numbers - self._mean) / self._scale
        # A number that is none compares as False.
        plain = (np.abs(numbers) <= MAGNITUDE_LIMIT) & (np.abs(encoded) <= largest)
        if not plain.all():
            return False
        into[:, 0] = encoded
        return True


class _Texts:
    """A categorical column: 1 where the value is the category."""

    def __init__(self, column: CategoricalInput) -> None:
        self.width = column.width
        self._places = {category: place for place, category in enumerate(column.categories)}

    def encode(self, values: Sequence[Any], into: np.ndarray[Any, Any], largest: float) -> bool:
        """Write the inputs, n × categories; False where a value is none of the categories."""
        del largest
        if set(map(type, values)) != {str}:
            return False
        try:
            places = list(map(self._places.__getitem__, values))
        except KeyError:
            return False
        into[np.arange(len(places)), places] = 1.0
        return True


def _encoder(column: NumericInput | CategoricalInput) -> _Numbers | _Texts:
    return _Numbers(column) if isinstance(column, NumericInput) else _Texts(column)
