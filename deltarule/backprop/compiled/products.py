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
    TALL,
    flat_1,
    flat_16,
    high_1,
    high_4,
    high_8,
    high_16,
    tall_8,
    tall_16,
    turn_square,
)
from deltarule.backprop.numerics import Array

STRIPE = 16
"""The most columns that a stripe has."""

_HALF, _QUARTER = 8, 4

_SINGLE = 4
"""Bytes of a float32: of float64 half as many fit into the registers."""

_MANY = 48
"""Rows from which on tall tiles are taken."""

_SMALL = 2**20
"""Multiplications up to which a matrix is read where it lies; beyond, a stripe of it is copied into one place."""

_LARGE = 2**26
"""Multiplications from which on a library does better, which cuts a matrix into pieces in both directions."""


def room_for_copies(rows: int, units: int, fan_in: int) -> int:
    """How many numbers the copies take that the products of a layer make of a stripe and of the deltas."""
    copied = min(rows, _LARGE // (units * fan_in))
    return STRIPE * max(copied, units, fan_in) + copied * units


@kernel
def net_inputs(below: Array, weights: Array, z: Array, copies: Array) -> None:
    """Z = below Wᵀ, n × units."""
    n, units, fan_in = below.shape[0], weights.shape[0], weights.shape[1]
    if n == 1 or units < _QUARTER:
        _scalar_products(below, weights, z)
    elif n * units * fan_in <= _LARGE:
        columns = _columns(z)
        for column in range(0, units, columns):
            at = min(column, units - columns)
            _turn(weights, at, columns, copies, 0)
            _stripe(columns, below, 0, fan_in, 1, copies, 0, columns, z, at, fan_in)
    else:
        np.dot(below, weights.T, z)


@kernel
def weight_gradient(delta: Array, below: Array, gradient: Array, copies: Array) -> None:
    """∂L/∂W = δᵀ below, units × fan-in."""
    n, units = delta.shape
    multiplications = delta.size * below.shape[1]
    if n == 1:
        for j in range(gradient.shape[0]):
            for k in range(gradient.shape[1]):
                gradient[j, k] = delta[0, j] * below[0, k]
    elif multiplications <= _SMALL:
        _multiply(delta, 0, 1, units, below, gradient, n)
    elif multiplications <= _LARGE:
        start = STRIPE * n
        _turn(delta, 0, n, copies, start)
        _multiply_copied(copies, start, n, 1, below, gradient, n, copies)
    else:
        np.dot(delta.T, below, gradient)


@kernel
def gradient_below(delta: Array, weights: Array, below: Array, copies: Array) -> None:
    """∂L/∂a of the layer below = δ W, n × fan-in."""
    units = delta.shape[1]
    multiplications = delta.size * weights.shape[1]
    if multiplications <= _SMALL:
        _multiply(delta, 0, units, 1, weights, below, units)
    elif multiplications <= _LARGE:
        _multiply_copied(delta, 0, units, 1, weights, below, units, copies)
    else:
        np.dot(delta, weights, below)


@kernel
def _multiply(left: Array, start: int, down: int, along: int, right: Array, out: Array, depth: int) -> None:
    """Out = left right, in tiles.

    The left matrix begins at `start`; `down` is from one of its rows to the next, `along` from a column to the next: a
    transposed matrix has them the other way round. The right matrix has `depth` rows, as wide as the result's.
    """
    width = out.shape[1]
    columns = _columns(out)
    for column in range(0, width, columns):
        at = min(column, width - columns)
        _stripe(columns, left, start, down, along, right, at, width, out, at, depth)


@kernel
def _multiply_copied(
    left: Array, start: int, down: int, along: int, right: Array, out: Array, depth: int, copies: Array
) -> None:
    """The same by way of a copy of each stripe, whose rows don't lie far apart."""
    width = out.shape[1]
    columns = _columns(out)
    for column in range(0, width, columns):
        at = min(column, width - columns)
        for row in range(depth):
            for j in range(columns):
                copies[row * columns + j] = right[row, at + j]
        _stripe(columns, left, start, down, along, copies, 0, columns, out, at, depth)


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
def _columns(out: Array) -> int:
    """Columns of a stripe: as many as the registers and the result have room for."""
    width = out.shape[1]
    if width >= STRIPE and out.itemsize == _SINGLE:
        return STRIPE
    if width >= _HALF:
        return _HALF
    return _QUARTER if width >= _QUARTER else 1


@kernel
def _turn(matrix: Array, first: int, columns: int, turned: Array, start: int) -> None:
    """Some rows of a matrix as the columns of another, from an element on."""
    rows = matrix.shape[1]
    if columns < SQUARE or rows < SQUARE:
        for j in range(columns):
            for k in range(rows):
                turned[start + k * columns + j] = matrix[first + j, k]
    else:
        for column in range(0, columns, SQUARE):
            j = min(column, columns - SQUARE)
            for row in range(0, rows, SQUARE):
                k = min(row, rows - SQUARE)
                turn_square(matrix, (first + j) * rows + k, rows, turned, start + k * columns + j, columns)


@kernel
def _stripe(  # noqa: C901, PLR0912 - one branch for each size of a tile
    columns: int,
    left: Array,
    start: int,
    down: int,
    along: int,
    right: Array,
    begin: int,
    below: int,
    out: Array,
    at: int,
    depth: int,
) -> None:
    """Some columns of a product: `begin` is where they do in the right matrix, `below` from its row to the next."""
    rows, width = out.shape
    if rows < ROWS:
        _low_stripe(columns, left, start, down, along, right, begin, below, out, at, depth)
    elif columns == STRIPE and rows >= _MANY:
        for row in range(0, rows, TALL):
            first = min(row, rows - TALL)
            tall_16(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)
    elif columns == STRIPE:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_16(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)
    elif columns == _HALF and rows >= _MANY:
        for row in range(0, rows, TALL):
            first = min(row, rows - TALL)
            tall_8(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)
    elif columns == _HALF:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_8(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)
    elif columns == _QUARTER:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_4(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)
    else:
        for row in range(0, rows, ROWS):
            first = min(row, rows - ROWS)
            high_1(left, start + first * down, down, along, right, begin, below, out, first * width + at, width, depth)


@kernel
def _low_stripe(
    columns: int,
    left: Array,
    start: int,
    down: int,
    along: int,
    right: Array,
    begin: int,
    below: int,
    out: Array,
    at: int,
    depth: int,
) -> None:
    """The same where the result has fewer rows than a tile."""
    rows, width = out.shape
    for row in range(rows):
        first, to = start + row * down, row * width + at
        if columns == STRIPE:
            flat_16(left, first, 0, along, right, begin, below, out, to, width, depth)
        else:
            for j in range(columns):
                flat_1(left, first, 0, along, right, begin + j, below, out, to + j, width, depth)
