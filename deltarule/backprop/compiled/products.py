"""The three matrix products of a layer, which are nearly all of the arithmetic: tiles where they are small, else BLAS.

A product goes stripe by stripe of the right matrix, so many columns as a tile has; a stripe stays in the nearest cache
while all rows of the left matrix pass by it. Where the last stripe or tile would stand out it is moved back, and some
of the work is done twice.
"""

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import numpy as np

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.tiles import (
    ROWS,
    SQUARE,
    flat_1,
    flat_16,
    high_1,
    high_4,
    high_8,
    high_16,
    turn_square,
)
from deltarule.backprop.numerics import Array

STRIPE = 16
"""The most columns that a stripe has."""

_HALF, _QUARTER = 8, 4

_SMALL = 2**20
"""Multiplications up to which a product is done in tiles; beyond, a library's copying is worth its time."""


@kernel
def net_inputs(below: Array, weights: Array, z: Array, turned: Array) -> None:
    """Z = below Wᵀ, n × units; `turned` is room for a stripe of the transposed weights, fan-in × 16."""
    n, units, fan_in = below.shape[0], weights.shape[0], weights.shape[1]
    if n == 1 or units < _QUARTER:
        _scalar_products(below, weights, z)
    elif n * units * fan_in <= _SMALL:
        columns = _columns(units)
        for column in range(0, units, columns):
            at = min(column, units - columns)
            _turn(weights, at, columns, turned)
            _stripe(columns, below, fan_in, 1, turned, 0, columns, z, at, fan_in)
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
    """Out = left right, in tiles.

    `down` is from a row of the left matrix to the next, `along` from a column to the next: a transposed matrix has them
    the other way round. The right matrix has `depth` rows, as wide as the result's.
    """
    width = out.shape[1]
    columns = _columns(width)
    for column in range(0, width, columns):
        at = min(column, width - columns)
        _stripe(columns, left, down, along, right, at, width, out, at, depth)


@kernel
def _scalar_products(below: Array, weights: Array, z: Array) -> None:
    """One sample, or hardly any units: the scalar product of a sample's inputs with each unit's weights."""
    for r in range(below.shape[0]):
        for j in range(weights.shape[0]):
            total = z.dtype.type(0)
            for k in range(weights.shape[1]):
                total += below[r, k] * weights[j, k]
            z[r, j] = total


@kernel
def _columns(width: int) -> int:
    """Columns of a stripe: as many as a tile can have in a matrix of this width."""
    if width >= STRIPE:
        return STRIPE
    if width >= _HALF:
        return _HALF
    return _QUARTER if width >= _QUARTER else 1


@kernel
def _turn(weights: Array, first: int, columns: int, turned: Array) -> None:
    """Some rows of the weights as the columns of a matrix, fan-in × columns."""
    fan_in = weights.shape[1]
    if columns < SQUARE or fan_in < SQUARE:
        for j in range(columns):
            for k in range(fan_in):
                turned[k * columns + j] = weights[first + j, k]
    else:
        for j in range(0, columns, SQUARE):
            for start in range(0, fan_in, SQUARE):
                k = min(start, fan_in - SQUARE)
                turn_square(weights, (first + j) * fan_in + k, fan_in, turned, k * columns + j, columns)


@kernel
def _stripe(  # noqa: C901 - one branch for each width
    columns: int,
    left: Array,
    down: int,
    along: int,
    right: Array,
    start: int,
    below: int,
    out: Array,
    at: int,
    depth: int,
) -> None:
    """Some columns of a product: `start` is where they begin in the right matrix, `below` from its row to the next."""
    rows, width = out.shape
    if rows < ROWS:
        _low_stripe(columns, left, down, along, right, start, below, out, at, depth)
    elif columns == STRIPE:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_16(left, first * down, down, along, right, start, below, out, first * width + at, width, depth)
    elif columns == _HALF:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_8(left, first * down, down, along, right, start, below, out, first * width + at, width, depth)
    elif columns == _QUARTER:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_4(left, first * down, down, along, right, start, below, out, first * width + at, width, depth)
    else:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_1(left, first * down, down, along, right, start, below, out, first * width + at, width, depth)


@kernel
def _low_stripe(
    columns: int,
    left: Array,
    down: int,
    along: int,
    right: Array,
    start: int,
    below: int,
    out: Array,
    at: int,
    depth: int,
) -> None:
    """The same where the result has fewer rows than a tile."""
    rows, width = out.shape
    for row in range(rows):
        if columns == STRIPE:
            flat_16(left, row * down, 0, along, right, start, below, out, row * width + at, width, depth)
        else:
            for j in range(columns):
                flat_1(left, row * down, 0, along, right, start + j, below, out, row * width + at + j, width, depth)
