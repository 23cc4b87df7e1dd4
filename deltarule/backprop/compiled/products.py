"""The three matrix products of a layer, which are nearly all of the arithmetic: BLAS where it pays, else tiles.

A matrix is a stretch of a flat array. `net_inputs` multiplies with the transposed weights; only there the right matrix
has to be turned round first, so that all three products go along rows.
"""

import numpy as np

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.tiles import (
    ROWS,
    flat_1,
    flat_16,
    high_1,
    high_4,
    high_8,
    high_16,
)
from deltarule.backprop.numerics import Array

_SMALL = 2**20
"""Multiplications up to which a product is done in tiles; beyond, a library's copying is worth its time."""


@kernel
def net_inputs(below: Array, weights: Array, z: Array, turned: Array) -> None:
    """z = below Wᵀ, n × units; `turned` is room for the weights."""
    n, units, fan_in = below.shape[0], weights.shape[0], weights.shape[1]
    if n == 1:
        for j in range(units):
            total = z.dtype.type(0)
            for k in range(fan_in):
                total += below[0, k] * weights[j, k]
            z[0, j] = total
    elif n * units * fan_in <= _SMALL:
        for j in range(units):
            for k in range(fan_in):
                turned[k * units + j] = weights[j, k]
        multiply(below, fan_in, 1, turned, z, fan_in)
    else:
        np.dot(below, weights.T, z)


@kernel
def weight_gradient(delta: Array, below: Array, gradient: Array) -> None:
    """∂L/∂W = δᵀ below, units × fan-in."""
    if below.shape[0] == 1:
        for j in range(gradient.shape[0]):
            for k in range(gradient.shape[1]):
                gradient[j, k] = delta[0, j] * below[0, k]
    elif delta.size * below.shape[1] <= _SMALL:
        multiply(delta, 1, delta.shape[1], below, gradient, delta.shape[0])
    else:
        np.dot(delta.T, below, gradient)


@kernel
def gradient_below(delta: Array, weights: Array, below: Array) -> None:
    """∂L/∂a of the layer below = δ W, n × fan-in."""
    if delta.size * weights.shape[1] <= _SMALL:
        multiply(delta, delta.shape[1], 1, weights, below, delta.shape[1])
    else:
        np.dot(delta, weights, below)


@kernel
def multiply(left: Array, down: int, along: int, right: Array, out: Array, depth: int) -> None:
    """out = left right, in tiles; where the last one would stand out it is moved back, and some work done twice.

    `down` is from a row of the left matrix to the next, `along` from a column to the next: a transposed matrix has them
    the other way round. The right matrix has `depth` rows, as wide as the result's.
    """
    rows, width = out.shape
    if rows >= ROWS:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            _high_tiles(left, first * down, down, along, right, out, first * width, width, depth)
    else:
        for row in range(rows):
            _flat_tiles(left, row * down, along, right, out, row * width, width, depth)


@kernel
def _high_tiles(
    left: Array, first: int, down: int, along: int, right: Array, out: Array, place: int, width: int, depth: int
) -> None:
    """Some rows of the result at once, from left to right."""
    if width >= 16:
        for column in range(0, width, 16):
            at = min(column, width - 16)
            high_16(left, first, down, along, right, at, width, out, place + at, width, depth)
    elif width >= 8:
        for column in range(0, width, 8):
            at = min(column, width - 8)
            high_8(left, first, down, along, right, at, width, out, place + at, width, depth)
    elif width >= 4:
        for column in range(0, width, 4):
            at = min(column, width - 4)
            high_4(left, first, down, along, right, at, width, out, place + at, width, depth)
    else:
        for at in range(width):
            high_1(left, first, down, along, right, at, width, out, place + at, width, depth)


@kernel
def _flat_tiles(
    left: Array, first: int, along: int, right: Array, out: Array, place: int, width: int, depth: int
) -> None:
    """One row of the result, from left to right."""
    if width >= 16:
        for column in range(0, width, 16):
            at = min(column, width - 16)
            flat_16(left, first, 0, along, right, at, width, out, place + at, width, depth)
    else:
        for at in range(width):
            flat_1(left, first, 0, along, right, at, width, out, place + at, width, depth)
