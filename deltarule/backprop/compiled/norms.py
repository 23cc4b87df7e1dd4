"""How long a gradient is, how large it may be, and whether numbers are still numbers."""

import math

import numpy as np

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Layers
from deltarule.backprop.numerics import Array
from deltarule.backprop.regularization import NORM_MARGIN


@kernel
def euclidean_norm(vector: Array) -> float:
    """The root of the sum of squares, finite whenever the vector and its norm are."""
    total = vector.dtype.type(0)
    for i in range(vector.size):
        total += vector[i] * vector[i]
    if np.finfo(vector.dtype).tiny / np.finfo(vector.dtype).eps < total < math.inf:
        return math.sqrt(float(total))
    return _scaled_norm(vector)


@kernel
def _scaled_norm(vector: Array) -> float:
    """The same by way of the largest element, where squares leave the range of the dtype."""
    largest = 0.0
    for i in range(vector.size):
        largest = largest if abs(vector[i]) <= largest else float(abs(vector[i]))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    total = 0.0
    for i in range(vector.size):
        scaled = float(vector[i]) / largest
        total += scaled * scaled
    return largest * math.sqrt(total)


@kernel
def all_finite(vector: Array) -> bool:
    """True when no element is infinite or NaN: what is finite has a difference of 0 from itself."""
    zero = vector.dtype.type(0)
    strange = 0
    for i in range(vector.size):
        strange += vector[i] - vector[i] != zero
    return strange == 0


@kernel
def penalize(layers: Layers, parameters: Array, gradient: Array, absolute: float, squared: float) -> None:
    """Adds l1 · sign(w) + l2 · w to the gradient of the weights; biases go free."""
    zero, l1, l2 = gradient.dtype.type(0), gradient.dtype.type(absolute), gradient.dtype.type(squared)
    for number in range(len(layers)):
        by_weights = gradient[layers[number].start : layers[number].biases]
        weights = parameters[layers[number].start : layers[number].biases]
        for i in range(weights.size):
            sign = l1 if weights[i] > zero else (-l1 if weights[i] < zero else zero)
            by_weights[i] += sign + l2 * weights[i]


@kernel
def clip(gradient: Array, limit: float) -> None:
    """Scales the gradient so that its Euclidean norm is at most the limit."""
    factor = limit / (euclidean_norm(gradient) + NORM_MARGIN)
    if factor < 1:
        scale = gradient.dtype.type(factor)
        for i in range(gradient.size):
            gradient[i] *= scale
