"""Forward, the net inputs and activations of every layer; backward, what each of them did to the loss.

With a⁰ the inputs, for layer l: zˡ = aˡ⁻¹ Wˡᵀ + bˡ and aˡ = f(zˡ); with δˡ = ∂L/∂zˡ: ∂L/∂Wˡ = δˡᵀ aˡ⁻¹, ∂L/∂bˡ = Σ δˡ
over the batch, and δˡ⁻¹ = (δˡ Wˡ) ⊙ f'(zˡ⁻¹) (D. Rumelhart, G. Hinton, R. Williams, 1986). Rows are samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS, Activation
from deltarule.backprop.architecture import Network
from deltarule.backprop.numerics import Array, unwatched
from deltarule.backprop.parameters import Layout, Parameters
from deltarule.backprop.randomness import DropoutMask, dropout_key
from deltarule.backprop.resolution import resolved

ROWS_AT_ONCE = 1024
"""The most rows of one pass where no gradient is asked for: more would not be faster."""

NUMBERS_AT_ONCE = 2**22
"""About so many net inputs of all layers together in such a pass: a wide network takes fewer rows at once."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A forward pass, layer by layer: net inputs z and activations a, each n × units."""

    net_inputs: tuple[Array, ...]
    activations: tuple[Array, ...]

    @property
    def outputs(self) -> Array:
        """The activations of the output layer, n × outputs."""
        return self.activations[-1]

    def first(self, rows: int) -> "Trace":
        """The same arrays for the first rows only, as views."""
        return Trace(_first(self.net_inputs, rows), _first(self.activations, rows))


class Workspace:
    """The arrays of a training step for a number of rows, made once and written again in every step.

    Attributes:
        trace: net inputs and activations.
        passed: for each layer what the next one takes in: its activations, after dropout.
        deltas: for each layer ∂L/∂z.
        scratch: for each layer room for a derivative, the same memory for all of them.
        masks: for each layer the dropout mask, or None where nothing is dropped.
    """

    def __init__(self, layout: Layout, dropout: Sequence[float], rows: int) -> None:
        self.trace = new_trace(layout, rows)
        self.deltas = tuple(np.empty_like(z) for z in self.trace.net_inputs)
        room = np.empty(max(z.size for z in self.trace.net_inputs), layout.dtype)
        self.scratch = tuple(room[: z.size].reshape(z.shape) for z in self.trace.net_inputs)
        self.masks = tuple(
            np.empty_like(a) if rate else None for rate, a in zip(dropout, self.trace.activations, strict=True)
        )
        self.passed = tuple(
            a if mask is None else np.empty_like(a) for mask, a in zip(self.masks, self.trace.activations, strict=True)
        )
        self._dropouts = tuple(
            None if mask is None else DropoutMask(rate, mask) for mask, rate in zip(self.masks, dropout, strict=True)
        )

    def draw_masks(self, seed: int, step: int) -> None:
        """Draws the dropout masks of a step (from 0)."""
        for number, dropout in enumerate(self._dropouts):
            if dropout is not None:
                dropout.draw(dropout_key(seed, step, number))


def activations_of(network: Network) -> tuple[Activation, ...]:
    """The formulas of each layer of a resolved network."""
    return tuple(ACTIVATIONS[resolved(layer.activation)] for layer in network.layers)


def rows_at_once(layout: Layout) -> int:
    """How many rows a pass takes where no gradient is asked for."""
    units = sum(layer.units for layer in layout.layers)
    return max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // units))


def new_trace(layout: Layout, rows: int) -> Trace:
    """Room for a forward pass of so many rows."""
    sizes = [(rows, layer.units) for layer in layout.layers]
    return Trace(*(tuple(np.empty(size, layout.dtype) for size in sizes) for _ in range(2)))


def forward(network: Network, parameters: Parameters, inputs: Array) -> Trace:
    """Net inputs and activations of every layer for inputs (n × d), without dropout.

    What overflows is answered as infinity or NaN, without a warning.
    """
    trace = new_trace(parameters.layout, len(inputs))
    with unwatched():
        forward_into(trace, activations_of(network), parameters, inputs)
    return trace


def predict(network: Network, parameters: Parameters, inputs: Array) -> Array:
    """The outputs for inputs (n × d), n × outputs; memory beyond them doesn't grow with n.

    What overflows is answered as infinity or NaN, without a warning.
    """
    outputs = np.empty((len(inputs), parameters.layout.outputs), parameters.layout.dtype)
    activations, size = activations_of(network), rows_at_once(parameters.layout)
    room = new_trace(parameters.layout, min(len(inputs), size))
    with unwatched():
        inputs = np.ascontiguousarray(inputs, parameters.layout.dtype)
        for start in range(0, len(inputs), size):
            rows = inputs[start : start + size]
            trace = room.first(len(rows))
            forward_into(trace, activations, parameters, rows)
            outputs[start : start + size] = trace.outputs
    return outputs


def forward_into(trace: Trace, activations: Sequence[Activation], parameters: Parameters, inputs: Array) -> None:
    """The forward pass as prediction has it: nothing is dropped."""
    below = inputs
    for number, activation in enumerate(activations):
        _layer_forward(trace, number, activation, parameters, below)
        below = trace.activations[number]


def forward_with_dropout(
    work: Workspace, activations: Sequence[Activation], parameters: Parameters, inputs: Array
) -> None:
    """The forward pass as training has it: what a layer passes on is multiplied with its mask."""
    below = inputs
    for number, activation in enumerate(activations):
        _layer_forward(work.trace, number, activation, parameters, below)
        mask = work.masks[number]
        if mask is not None:
            np.multiply(work.trace.activations[number], mask, out=work.passed[number])
        below = work.passed[number]


def backward(
    work: Workspace, activations: Sequence[Activation], parameters: Parameters, inputs: Array, gradient: Parameters
) -> None:
    """Fills `gradient` from the delta of the output layer, which stands in `work.deltas[-1]`."""
    for number in range(len(activations) - 1, -1, -1):
        delta, biases = work.deltas[number], gradient.biases[number]
        below = work.passed[number - 1] if number else inputs
        np.matmul(delta.T, below, out=gradient.weights[number])
        if biases is not None:
            np.add.reduce(delta, axis=0, out=biases)
        if number:
            np.matmul(delta, parameters.weights[number], out=work.deltas[number - 1])
            _pull_back(work, number - 1, activations[number - 1])


def _layer_forward(trace: Trace, number: int, activation: Activation, parameters: Parameters, below: Array) -> None:
    z, biases = trace.net_inputs[number], parameters.biases[number]
    np.matmul(below, parameters.weights[number].T, out=z)
    if biases is not None:
        np.add(z, biases, out=z)
    activation.apply(z, trace.activations[number])


def _pull_back(work: Workspace, number: int, activation: Activation) -> None:
    """Turns the gradient by what a layer passed on into the gradient by its net input, in place."""
    delta, mask, trace = work.deltas[number], work.masks[number], work.trace
    if mask is not None:
        np.multiply(delta, mask, out=delta)
    activation.pull_back(trace.net_inputs[number], trace.activations[number], delta, work.scratch[number])


def _first(arrays: tuple[Array, ...], rows: int) -> tuple[Array, ...]:
    return tuple(array[:rows] for array in arrays)
