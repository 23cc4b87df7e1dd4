"""What is learned from: inputs, targets and, where some samples count more than others, their weights."""

from dataclasses import dataclass

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import SamplesError
from deltarule.backprop.losses import target_fault
from deltarule.backprop.numerics import Array, Indices, unwatched
from deltarule.backprop.paging import forget, mapping_of, stretches
from deltarule.backprop.parameters import Layout

TAKEN_AT_ONCE = 16
"""Rows that are copied out of a mapped file before its pages are let go."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs n × d, targets n × k, weights n or None; of the network's dtype, finite.

    Weights are not negative and count by their shares: they are scaled to a mean of 1 over the samples, so that equal
    weights are as good as none, and the loss of a batch is Σ wᵢ lᵢ / n over its n samples.

    `ready` says that they are what `prepared` answers: whoever writes samples to a file, to be mapped into memory,
    checks and scales them on the way, and they are not read again for it.
    """

    inputs: Array
    targets: Array
    weights: Array | None = None
    ready: bool = False

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.inputs)

    @property
    def columns(self) -> int:
        """The number of input columns; 0 where the inputs are not rows of numbers, which `prepared` refuses."""
        return self.inputs.shape[1] if self.inputs.ndim == len(("rows", "columns")) else 0

    def part(self, rows: slice) -> "Samples":
        """Some samples that follow each other, as views."""
        return Samples(
            self.inputs[rows], self.targets[rows], None if self.weights is None else self.weights[rows], self.ready
        )

    def taken(self, rows: Indices) -> "Samples":
        """The samples of these numbers, as copies."""
        weights = None if self.weights is None else _taken(self.weights, rows)
        return Samples(_taken(self.inputs, rows), _taken(self.targets, rows), weights, self.ready)

    def forget(self) -> None:
        """Lets go of the memory that they are mapped into, if they are; see `paging`."""
        forget(self.inputs, self.targets, self.weights)


def prepared(samples: Samples, definition: Definition, layout: Layout) -> Samples:
    """The samples as an engine takes them: contiguous, of the network's dtype, weights of mean 1.

    Raises:
        SamplesError: there are none, their shapes don't fit the network or each other, a number is not finite, or a
            target is not one that the loss is defined for.
    """
    if samples.ready:
        return samples
    inputs = _matrix(samples.inputs, "inputs", _fan_in(definition, layout), layout)
    targets = _matrix(samples.targets, "targets", layout.outputs, layout)
    if not len(inputs):
        raise SamplesError("There are no samples to learn from.")
    if len(inputs) != len(targets):
        raise SamplesError(f"There are {len(inputs)} rows of inputs, but {len(targets)} rows of targets.")
    fault = target_fault(definition.loss.name, targets)
    if fault is not None:
        row, column, sentence = fault
        raise SamplesError(f"targets, row {row + 1}, column {column + 1}: {sentence}")
    return Samples(inputs, targets, _weights(samples, layout), ready=True)


def _taken(values: Array, rows: Indices) -> Array:
    """Some of the values; of a mapped file only so many pages at a time."""
    if mapping_of(values) is None:
        return values[rows]
    taken = np.empty((len(rows), *values.shape[1:]), values.dtype)
    for some in stretches(len(rows), TAKEN_AT_ONCE):
        taken[some] = values[rows[some]]
        forget(values)
    return taken


def _fan_in(definition: Definition, layout: Layout) -> int:
    """The input columns that the first layer takes: what its weights say, where some are given."""
    weights = definition.network.layers[0].weights
    return layout.inputs if weights is None else len(weights[0])


def _matrix(values: Array, name: str, columns: int, layout: Layout) -> Array:
    if values.ndim != len(("rows", "columns")) or values.shape[1] != columns or not columns:
        taken = f"n × {columns}" if columns else "rows of numbers"
        raise SamplesError(f"{name} have the shape {values.shape}; this network takes {taken}.")
    with unwatched():
        matrix = np.ascontiguousarray(values, layout.dtype)
    finite = np.isfinite(matrix)
    if not finite.all():
        row, column = np.unravel_index(int(np.argmin(finite)), finite.shape)
        raise SamplesError(
            f"{name}, row {row + 1}, column {column + 1}: {values[row, column]} is not a finite {layout.dtype}."
        )
    return matrix


def _weights(samples: Samples, layout: Layout) -> Array | None:
    if samples.weights is None:
        return None
    weights = np.asarray(samples.weights, np.float64)
    if weights.shape != (len(samples),):
        raise SamplesError(f"weights have the shape {weights.shape}; there are {len(samples)} samples.")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise SamplesError("weights must be finite numbers from 0 up, and not all of them 0.")
    scaled = weights / weights.max()
    return np.ascontiguousarray(scaled / scaled.mean(), layout.dtype)
