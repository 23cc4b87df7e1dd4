"""Every activation as one loop over numbers; which one is asked once for a whole layer, never inside a loop.

The formulas are those of `deltarule.backprop.activations`, where their sources are named; a number stands for a name
here, since the kernels know no strings. z, a and delta are flat, n · units numbers, rows one after the other.
"""

import math

import numpy as np

from deltarule.backprop.activations import LEAK, SELU_ALPHA, SELU_SCALE
from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.compiled.arithmetic import exponential, exponential_minus_1, hyperbolic_tangent
from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.numerics import Array

(
    IDENTITY,
    SIGMOID,
    TANH,
    RELU,
    LEAKY_RELU,
    ELU,
    SELU,
    GELU,
    SILU,
    SOFTPLUS,
    SOFTSIGN,
    SOFTMAX,
) = range(12)

NUMBERS: dict[ActivationName, int] = {
    "identity": IDENTITY,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "elu": ELU,
    "selu": SELU,
    "gelu": GELU,
    "silu": SILU,
    "softplus": SOFTPLUS,
    "softsign": SOFTSIGN,
    "softmax": SOFTMAX,
}

_ROOT_HALF = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)


@kernel
def activate(  # noqa: C901 - one branch for each activation
    activation: int, z: Array, a: Array, units: int
) -> None:
    """A = f(z)."""
    if activation == RELU:
        _relu(z, a)
    elif activation == TANH:
        _tanh(z, a)
    elif activation == SIGMOID:
        _sigmoid(z, a)
    elif activation == SOFTMAX:
        _softmax(z, a, units)
    elif activation == IDENTITY:
        _identity(z, a)
    elif activation == GELU:
        _gelu(z, a)
    elif activation == SILU:
        _silu(z, a)
    elif activation == SOFTPLUS:
        _softplus(z, a)
    elif activation == SOFTSIGN:
        _softsign(z, a)
    elif activation == LEAKY_RELU:
        _leaky_relu(z, a)
    elif activation == ELU:
        _elu(z, a, 1.0, 1.0)
    elif activation == SELU:
        _elu(z, a, SELU_SCALE, SELU_ALPHA)


@kernel
def pull_back(  # noqa: C901 - one branch for each activation
    activation: int, z: Array, a: Array, delta: Array, units: int
) -> None:
    """Turns delta from the gradient by a into the gradient by z, in place."""
    if activation == RELU:
        _scale_below_0(z, delta, 0.0)
    elif activation == TANH:
        _tanh_pull_back(a, delta)
    elif activation == SIGMOID:
        _sigmoid_pull_back(a, delta)
    elif activation == SOFTMAX:
        _softmax_pull_back(a, delta, units)
    elif activation == GELU:
        _gelu_pull_back(z, delta)
    elif activation == SILU:
        _silu_pull_back(z, delta)
    elif activation == SOFTPLUS:
        _softplus_pull_back(z, delta)
    elif activation == SOFTSIGN:
        _softsign_pull_back(z, delta)
    elif activation == LEAKY_RELU:
        _scale_below_0(z, delta, LEAK)
    elif activation == ELU:
        _elu_pull_back(z, delta, 1.0, 1.0)
    elif activation == SELU:
        _elu_pull_back(z, delta, SELU_SCALE, SELU_ALPHA)


@kernel
def _identity(z: Array, a: Array) -> None:
    for i in range(z.size):
        a[i] = z[i]


@kernel
def _sigmoid(z: Array, a: Array) -> None:
    """1 / (1 + exp(-z))."""
    one = z.dtype.type(1)
    for i in range(z.size):
        a[i] = one / (one + exponential(-z[i]))


@kernel
def _sigmoid_pull_back(a: Array, delta: Array) -> None:
    """F' = a (1 - a)."""
    one = a.dtype.type(1)
    for i in range(a.size):
        delta[i] *= a[i] * (one - a[i])


@kernel
def _tanh(z: Array, a: Array) -> None:
    for i in range(z.size):
        a[i] = hyperbolic_tangent(z[i])


@kernel
def _tanh_pull_back(a: Array, delta: Array) -> None:
    """F' = 1 - a²."""
    one = a.dtype.type(1)
    for i in range(a.size):
        delta[i] *= one - a[i] * a[i]


@kernel
def _relu(z: Array, a: Array) -> None:
    """max(z, 0), where NaN stays NaN."""
    zero = z.dtype.type(0)
    for i in range(z.size):
        a[i] = zero if z[i] <= zero else z[i]


@kernel
def _leaky_relu(z: Array, a: Array) -> None:
    zero, leak = z.dtype.type(0), z.dtype.type(LEAK)
    for i in range(z.size):
        a[i] = z[i] * leak if z[i] <= zero else z[i]


@kernel
def _scale_below_0(z: Array, delta: Array, slope: float) -> None:
    """F' = 1 above 0; the slope at 0, below it, and for NaN."""
    zero, below = z.dtype.type(0), z.dtype.type(slope)
    one = z.dtype.type(1)
    for i in range(z.size):
        delta[i] *= one if z[i] > zero else below


@kernel
def _elu(z: Array, a: Array, scale: float, alpha: float) -> None:
    """Scale · z above 0, scale · alpha (exp(z) - 1) below: elu for 1 and 1, selu for its two constants."""
    real = z.dtype.type
    zero, above, below = real(0), real(scale), real(alpha)
    for i in range(z.size):
        bent = exponential_minus_1(zero if z[i] > zero else z[i]) * below
        a[i] = (z[i] if z[i] > zero else bent) * above


@kernel
def _elu_pull_back(z: Array, delta: Array, scale: float, alpha: float) -> None:
    """F' = scale above 0, scale · alpha · exp(z) below."""
    real = z.dtype.type
    zero, above, below = real(0), real(scale), real(scale * alpha)
    for i in range(z.size):
        bent = exponential(zero if z[i] > zero else z[i]) * below
        delta[i] *= above if z[i] > zero else bent


@kernel
def _gelu(z: Array, a: Array) -> None:
    """Z Φ(z), with Φ(z) = ½ erfc(-z / √2)."""
    for i in range(z.size):
        a[i] = z[i] * z.dtype.type(0.5 * math.erfc(-_ROOT_HALF * z[i]))


@kernel
def _gelu_pull_back(z: Array, delta: Array) -> None:
    """F' = Φ(z) + z φ(z)."""
    real = z.dtype.type
    density, half = real(_DENSITY), real(-0.5)
    for i in range(z.size):
        share = real(0.5 * math.erfc(-_ROOT_HALF * z[i]))
        delta[i] *= share + z[i] * exponential(half * z[i] * z[i]) * density


@kernel
def _silu(z: Array, a: Array) -> None:
    """Z σ(z)."""
    one = z.dtype.type(1)
    for i in range(z.size):
        a[i] = (one / (one + exponential(-z[i]))) * z[i]


@kernel
def _silu_pull_back(z: Array, delta: Array) -> None:
    """F' = σ(z) (1 + z (1 - σ(z))): a product, since a sum of three might be regrouped and a large z swallow the 1."""
    one = z.dtype.type(1)
    for i in range(z.size):
        share = one / (one + exponential(-z[i]))
        delta[i] *= share * (one + z[i] * (one - share))


@kernel
def _softplus(z: Array, a: Array) -> None:
    """log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))."""
    zero = z.dtype.type(0)
    for i in range(z.size):
        a[i] = (zero if z[i] < zero else z[i]) + np.log1p(exponential(-abs(z[i])))


@kernel
def _softplus_pull_back(z: Array, delta: Array) -> None:
    """F' = σ(z)."""
    one = z.dtype.type(1)
    for i in range(z.size):
        delta[i] *= one / (one + exponential(-z[i]))


@kernel
def _softsign(z: Array, a: Array) -> None:
    """Z / (1 + |z|)."""
    one = z.dtype.type(1)
    for i in range(z.size):
        a[i] = z[i] / (one + abs(z[i]))


@kernel
def _softsign_pull_back(z: Array, delta: Array) -> None:
    """F' = 1 / (1 + |z|)²."""
    one = z.dtype.type(1)
    for i in range(z.size):
        root = one / (one + abs(z[i]))
        delta[i] *= root * root


@kernel
def _softmax(z: Array, a: Array, units: int) -> None:
    """exp(z) / Σ exp(z) over a row's units, shifted by the row's largest."""
    for start in range(0, z.size, units):
        top = z[start]
        for i in range(start, start + units):
            top = top if z[i] <= top else z[i]
        for i in range(start, start + units):
            a[i] = z[i] - top
    for i in range(a.size):
        a[i] = exponential(a[i])
    for start in range(0, z.size, units):
        total = z.dtype.type(0)
        for i in range(start, start + units):
            total += a[i]
        share = z.dtype.type(1) / total
        for i in range(start, start + units):
            a[i] *= share


@kernel
def _softmax_pull_back(a: Array, delta: Array, units: int) -> None:
    """The full Jacobian: a ⊙ (delta - Σ a delta)."""
    for start in range(0, a.size, units):
        mean = a.dtype.type(0)
        for i in range(start, start + units):
            mean += a[i] * delta[i]
        for i in range(start, start + units):
            delta[i] = a[i] * (delta[i] - mean)
