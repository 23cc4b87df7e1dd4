"""Each activation is two formulas: a = f(z), and how a gradient passes back from a to z.

z and a have the shape n × units. What is written goes into an array of the caller (`out`, or `delta` in place), and `z`
is never changed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.architecture import ActivationName, InitializerName
from deltarule.backprop.interval import NOT_NEGATIVE, POSITIVE, REAL, Interval
from deltarule.backprop.numerics import Array

Apply = Callable[[Array, Array], object]
"""(z, out): writes f(z) to `out`."""

Derivative = Callable[[Array, Array, Array], object]
"""(z, a, out): writes f'(z) to `out`, from z or from a = f(z), whichever is cheaper."""

PullBack = Callable[[Array, Array, Array, Array], object]
"""(z, a, delta, scratch): turns `delta` from the gradient by a into the gradient by z, in place."""

LEAK = 0.01
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation: its formulas, the numbers it can answer, and the initializer that suits it."""

    apply: Apply
    pull_back: PullBack
    range: Interval
    initializer: InitializerName = "glorot_uniform"


def elementwise(derivative: Derivative) -> PullBack:
    """The pull back of an activation of each unit by itself: delta ⊙ f'(z)."""

    def pull_back(z: Array, a: Array, delta: Array, scratch: Array) -> None:
        derivative(z, a, scratch)
        np.multiply(delta, scratch, out=delta)

    return pull_back


def _identity(z: Array, out: Array) -> None:
    np.copyto(out, z)


def _identity_pull_back(_z: Array, _a: Array, _delta: Array, _scratch: Array) -> None:
    """The derivative is 1: delta stays as it is."""


def _sigmoid(z: Array, out: Array) -> None:
    """f(z) = 1 / (1 + exp(-z)); an exp that overflows is a sigmoid of exactly 0."""
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)


def _sigmoid_derivative(_z: Array, a: Array, out: Array) -> None:
    """f'(z) = a (1 - a)."""
    np.subtract(1, a, out=out)
    np.multiply(out, a, out=out)


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_derivative(_z: Array, a: Array, out: Array) -> None:
    """f'(z) = 1 - a²."""
    np.multiply(a, a, out=out)
    np.subtract(1, out, out=out)


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0, out=out)


def _relu_derivative(z: Array, _a: Array, out: Array) -> None:
    """f'(z) = 1 above 0; 0 at 0 itself, as everyone has it."""
    np.greater(z, 0, out=out)


def _leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAK, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_derivative(z: Array, _a: Array, out: Array) -> None:
    out.fill(LEAK)
    np.copyto(out, 1, where=z > 0)


def _elu(z: Array, out: Array) -> None:
    """f(z) = z above 0, exp(z) - 1 below (D.-A. Clevert et al., 2016), with alpha 1."""
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    np.copyto(out, z, where=z > 0)


def _elu_derivative(z: Array, _a: Array, out: Array) -> None:
    """f'(z) = exp(min(z, 0))."""
    np.minimum(z, 0, out=out)
    np.exp(out, out=out)


def _selu(z: Array, out: Array) -> None:
    """Scaled elu, whose constants keep mean 0 and variance 1 (G. Klambauer et al., 2017)."""
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    np.multiply(out, SELU_ALPHA, out=out)
    np.copyto(out, z, where=z > 0)
    np.multiply(out, SELU_SCALE, out=out)


def _selu_derivative(z: Array, _a: Array, out: Array) -> None:
    np.minimum(z, 0, out=out)
    np.exp(out, out=out)
    np.multiply(out, SELU_SCALE * SELU_ALPHA, out=out)
    np.copyto(out, SELU_SCALE, where=z > 0)


def _normal_distribution(z: Array, out: Array) -> None:
    """Φ(z) = ½ erfc(-z / √2), exact in both tails; NumPy has no erfc of its own."""
    scaled = (z.ravel() * -math.sqrt(0.5)).tolist()
    out[...] = np.fromiter(map(math.erfc, scaled), z.dtype, z.size).reshape(z.shape)
    np.multiply(out, 0.5, out=out)


def _gelu(z: Array, out: Array) -> None:
    """f(z) = z Φ(z), exact (D. Hendrycks, K. Gimpel, 2016)."""
    _normal_distribution(z, out)
    np.multiply(out, z, out=out)


def _gelu_derivative(z: Array, _a: Array, out: Array) -> None:
    """f'(z) = Φ(z) + z φ(z), with φ the normal density."""
    _normal_distribution(z, out)
    np.add(out, z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi), out=out)


def _silu(z: Array, out: Array) -> None:
    """f(z) = z σ(z)."""
    _sigmoid(z, out)
    np.multiply(out, z, out=out)


def _silu_derivative(z: Array, a: Array, out: Array) -> None:
    """f'(z) = σ(z) (1 + z (1 - σ(z))) = σ(z) (1 + (z - a)).

    z - a comes first: 1 + z would lose the 1 wherever z is large, and the derivative with it.
    """
    _sigmoid(z, out)
    np.multiply(out, 1 + (z - a), out=out)


def _softplus(z: Array, out: Array) -> None:
    """f(z) = log(1 + exp(z)), without the overflow."""
    np.logaddexp(z, 0, out=out)


def _softplus_derivative(z: Array, _a: Array, out: Array) -> None:
    """f'(z) = σ(z)."""
    _sigmoid(z, out)


def _softsign(z: Array, out: Array) -> None:
    """f(z) = z / (1 + |z|)."""
    np.abs(z, out=out)
    np.add(out, 1, out=out)
    np.divide(z, out, out=out)


def _softsign_derivative(z: Array, _a: Array, out: Array) -> None:
    """f'(z) = 1 / (1 + |z|)²."""
    np.abs(z, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)
    np.multiply(out, out, out=out)


def _softmax(z: Array, out: Array) -> None:
    """f(z) = exp(z) / Σ exp(z), shifted by the row's largest so that nothing overflows."""
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=1, keepdims=True), out=out)


def _softmax_pull_back(_z: Array, a: Array, delta: Array, scratch: Array) -> None:
    """The full Jacobian ∂a_j/∂z_i = a_j (1[i = j] - a_i), applied: a ⊙ (delta - Σ a delta)."""
    np.multiply(a, delta, out=scratch)
    np.subtract(delta, scratch.sum(axis=1, keepdims=True), out=delta)
    np.multiply(delta, a, out=delta)


_BETWEEN_0_AND_1 = Interval(0, 1, includes_low=False, includes_high=False)
_BETWEEN_MINUS_1_AND_1 = Interval(-1, 1, includes_low=False, includes_high=False)

ACTIVATIONS: dict[ActivationName, Activation] = {
    "identity": Activation(_identity, _identity_pull_back, REAL),
    "sigmoid": Activation(_sigmoid, elementwise(_sigmoid_derivative), _BETWEEN_0_AND_1),
    "tanh": Activation(_tanh, elementwise(_tanh_derivative), _BETWEEN_MINUS_1_AND_1),
    "relu": Activation(_relu, elementwise(_relu_derivative), NOT_NEGATIVE, "he_normal"),
    "leaky_relu": Activation(_leaky_relu, elementwise(_leaky_relu_derivative), REAL, "he_normal"),
    "elu": Activation(_elu, elementwise(_elu_derivative), Interval(-1, includes_low=False), "he_normal"),
    "selu": Activation(
        _selu,
        elementwise(_selu_derivative),
        Interval(-SELU_SCALE * SELU_ALPHA, includes_low=False),
        "lecun_normal",
    ),
    "gelu": Activation(_gelu, elementwise(_gelu_derivative), Interval(-0.17), "he_normal"),
    "silu": Activation(_silu, elementwise(_silu_derivative), Interval(-0.279), "he_normal"),
    "softplus": Activation(_softplus, elementwise(_softplus_derivative), POSITIVE),
    "softsign": Activation(_softsign, elementwise(_softsign_derivative), _BETWEEN_MINUS_1_AND_1),
    "softmax": Activation(_softmax, _softmax_pull_back, Interval(0, 1, includes_low=False)),
}
