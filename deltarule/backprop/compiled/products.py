"""The three matrix products of a layer, which are nearly all of the arithmetic: BLAS for batches, plain loops for few.

A product of a single sample is a handful of loops over rows of the weights, done before a library has looked at its
arguments.
"""

import numpy as np

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.numerics import Array


@kernel
def net_inputs(below: Array, weights: Array, z: Array) -> None:
    """z = below Wᵀ, n × units."""
    if below.shape[0] == 1:
        for j in range(weights.shape[0]):
            total = z.dtype.type(0)
            for k in range(weights.shape[1]):
                total += below[0, k] * weights[j, k]
            z[0, j] = total
    else:
        np.dot(below, weights.T, z)


@kernel
def weight_gradient(delta: Array, below: Array, gradient: Array) -> None:
    """∂L/∂W = δᵀ below, units × fan-in."""
    if below.shape[0] == 1:
        for j in range(gradient.shape[0]):
            for k in range(gradient.shape[1]):
                gradient[j, k] = delta[0, j] * below[0, k]
    else:
        np.dot(delta.T, below, gradient)


@kernel
def gradient_below(delta: Array, weights: Array, below: Array) -> None:
    """∂L/∂a of the layer below = δ W, n × fan-in."""
    if below.shape[0] == 1:
        below[:] = 0
        for j in range(weights.shape[0]):
            for k in range(weights.shape[1]):
                below[0, k] += delta[0, j] * weights[j, k]
    else:
        np.dot(delta, weights, below)
