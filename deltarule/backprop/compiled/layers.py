"""Forward and backward through the layers, as `deltarule.backprop.network` has them, over views of one flat room."""

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import numpy as np

from deltarule.backprop.compiled.activations import activate, pull_back
from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.norms import euclidean_norm
from deltarule.backprop.compiled.plan import Layer, Layers
from deltarule.backprop.compiled.products import gradient_below, net_inputs, weight_gradient
from deltarule.backprop.compiled.randomness import draw_mask, dropout_key
from deltarule.backprop.compiled.views import matrix, stretch
from deltarule.backprop.numerics import Array, Doubles


@kernel
def forward(layers: Layers, parameters: Array, room: Array, copies: Array, inputs: Array) -> None:
    """Net inputs and activations of every layer, without dropout."""
    below = inputs
    for number in range(len(layers)):
        layer = layers[number]
        _layer_forward(layer, parameters, room, copies, below)
        below = matrix(room, layer.a, below.shape[0], layer.units)


@kernel
def forward_with_dropout(
    layers: Layers, parameters: Array, room: Array, copies: Array, inputs: Array, seed: int, step: int
) -> None:
    """The same as training has it: what a layer passes on is multiplied with its mask of this step."""
    below = inputs
    for number in range(len(layers)):
        layer = layers[number]
        _layer_forward(layer, parameters, room, copies, below)
        if layer.dropout:
            _drop(layer, room, below.shape[0], dropout_key(seed, step, number))
        below = matrix(room, layer.passed, below.shape[0], layer.units)


@kernel
def _layer_forward(layer: Layer, parameters: Array, room: Array, copies: Array, below: Array) -> None:
    """Z = below Wᵀ + b, a = f(z)."""
    n, size = below.shape[0], below.shape[0] * layer.units
    z = matrix(room, layer.z, n, layer.units)
    net_inputs(below, matrix(parameters, layer.start, layer.units, layer.fan_in), z, copies)
    if layer.stop > layer.biases:
        _add_biases(z, stretch(parameters, layer.biases, layer.units))
    activate(layer.activation, stretch(room, layer.z, size), stretch(room, layer.a, size), layer.units)


@kernel
def backward(
    layers: Layers, parameters: Array, room: Array, copies: Array, inputs: Array, gradient: Array, norms: Doubles
) -> None:
    """Fills the gradient from the delta of the output layer, and measures each layer's part while it is at hand."""
    n = inputs.shape[0]
    for number in range(len(layers) - 1, -1, -1):
        layer = layers[number]
        delta = matrix(room, layer.delta, n, layer.units)
        if layer.stop > layer.biases:
            _sum_rows(delta, stretch(gradient, layer.biases, layer.units))
        by_weights = matrix(gradient, layer.start, layer.units, layer.fan_in)
        if number == 0:
            weight_gradient(delta, inputs, by_weights, copies)
        else:
            source = layers[number - 1]
            weight_gradient(delta, matrix(room, source.passed, n, layer.fan_in), by_weights, copies)
            below = matrix(room, source.delta, n, layer.fan_in)
            gradient_below(delta, matrix(parameters, layer.start, layer.units, layer.fan_in), below, copies)
            _pull_back(source, room, n)
        norms[number] = euclidean_norm(stretch(gradient, layer.start, layer.stop - layer.start))


@kernel
def _pull_back(layer: Layer, room: Array, n: int) -> None:
    """Turns the gradient by what a layer passed on into the gradient by its net input, in place."""
    size = n * layer.units
    delta = stretch(room, layer.delta, size)
    if layer.dropout:
        _multiply(delta, stretch(room, layer.mask, size), delta)
    pull_back(layer.activation, stretch(room, layer.z, size), stretch(room, layer.a, size), delta, layer.units)


@kernel
def _drop(layer: Layer, room: Array, n: int, key: np.uint64) -> None:
    """What is passed on: activations times their mask."""
    size = n * layer.units
    mask = stretch(room, layer.mask, size)
    draw_mask(mask, key, layer.threshold, layer.scale)
    _multiply(stretch(room, layer.a, size), mask, stretch(room, layer.passed, size))


@kernel
def _multiply(values: Array, factors: Array, out: Array) -> None:
    for i in range(values.size):
        out[i] = values[i] * factors[i]


@kernel
def _add_biases(z: Array, biases: Array) -> None:
    for r in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[r, j] += biases[j]


@kernel
def _sum_rows(delta: Array, out: Array) -> None:
    """∂L/∂b = Σ δ over the batch."""
    for j in range(out.size):
        out[j] = delta[0, j]
    for r in range(1, delta.shape[0]):
        for j in range(out.size):
            out[j] += delta[r, j]
