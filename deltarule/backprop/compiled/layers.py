"""Forward and backward through the layers, as `deltarule.backprop.network` has them, over views of flat buffers."""

import numpy as np

from deltarule.backprop.compiled.activations import activate, pull_back
from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Layers, Rules, Work
from deltarule.backprop.compiled.products import gradient_below, net_inputs, weight_gradient
from deltarule.backprop.compiled.randomness import draw_mask, dropout_key
from deltarule.backprop.compiled.views import matrix
from deltarule.backprop.numerics import Array


@kernel
def forward(layers: Layers, parameters: Array, work: Work, inputs: Array) -> None:
    """Net inputs and activations of every layer, without dropout."""
    n, below = inputs.shape[0], inputs
    for layer in range(layers.units.size):
        layer_forward(layers, layer, parameters, work, below)
        below = matrix(work.a, layers.room[layer], n, layers.units[layer])


@kernel
def forward_with_dropout(rules: Rules, layers: Layers, parameters: Array, work: Work, inputs: Array, step: int) -> None:
    """The same as training has it: what a layer passes on is multiplied with its mask of this step."""
    n, below = inputs.shape[0], inputs
    for layer in range(layers.units.size):
        layer_forward(layers, layer, parameters, work, below)
        if layers.dropout[layer]:
            _drop(layers, layer, work, n, dropout_key(rules.seed, step, layer))
        below = passed(layers, layer, work, n)


@kernel
def passed(layers: Layers, layer: int, work: Work, n: int) -> Array:
    """What a layer passes on: its activations, after dropout if there is any."""
    if layers.dropout[layer]:
        return matrix(work.passed, layers.room[layer], n, layers.units[layer])
    return matrix(work.a, layers.room[layer], n, layers.units[layer])


@kernel
def layer_forward(layers: Layers, layer: int, parameters: Array, work: Work, below: Array) -> None:
    """z = below Wᵀ + b, a = f(z)."""
    n, units = below.shape[0], layers.units[layer]
    start, biases, stop = layers.start[layer], layers.biases[layer], layers.stop[layer]
    z = matrix(work.z, layers.room[layer], n, units)
    net_inputs(below, matrix(parameters, start, units, layers.fan_in[layer]), z)
    if stop > biases:
        _add_biases(z, parameters[biases:stop])
    room = layers.room[layer]
    activate(layers.activation[layer], z.reshape(z.size), work.a[room : room + z.size], units)


@kernel
def backward(layers: Layers, parameters: Array, work: Work, inputs: Array) -> None:
    """Fills the gradient from the delta of the output layer."""
    n = inputs.shape[0]
    for layer in range(layers.units.size - 1, -1, -1):
        units, fan_in = layers.units[layer], layers.fan_in[layer]
        start, biases, stop = layers.start[layer], layers.biases[layer], layers.stop[layer]
        delta = matrix(work.delta, layers.room[layer], n, units)
        if stop > biases:
            _sum_rows(delta, work.gradient[biases:stop])
        gradient = matrix(work.gradient, start, units, fan_in)
        if layer == 0:
            weight_gradient(delta, inputs, gradient)
        else:
            weight_gradient(delta, passed(layers, layer - 1, work, n), gradient)
            below = matrix(work.delta, layers.room[layer - 1], n, fan_in)
            gradient_below(delta, matrix(parameters, start, units, fan_in), below)
            _pull_back(layers, layer - 1, work, below.reshape(below.size))


@kernel
def _pull_back(layers: Layers, layer: int, work: Work, delta: Array) -> None:
    """Turns the gradient by what a layer passed on into the gradient by its net input."""
    rows = slice(layers.room[layer], layers.room[layer] + delta.size)
    if layers.dropout[layer]:
        _multiply(delta, work.masks[rows], delta)
    pull_back(layers.activation[layer], work.z[rows], work.a[rows], delta, layers.units[layer])


@kernel
def _drop(layers: Layers, layer: int, work: Work, n: int, key: np.uint64) -> None:
    rows = slice(layers.room[layer], layers.room[layer] + n * layers.units[layer])
    draw_mask(work.masks[rows], key, layers.threshold[layer], layers.scale[layer])
    _multiply(work.a[rows], work.masks[rows], work.passed[rows])


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
