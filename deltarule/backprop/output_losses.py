"""The loss as a function of the output layer's net input, where a logarithm meets no saturated output.

A sigmoid of 40 is 1 in floating point and the logarithm of 1 minus it is infinite, while log(1 - σ(40)) = -40 is a
number like any other. So each loss with a logarithm has, for each activation that it accepts, one formula from z to the
loss and one from z to the delta ∂l/∂z. All other losses go the general way: gradient by the outputs, pulled back to z.
"""

# NumPy's type stubs answer Any for quotients and means of float32 or float64 alike.
# mypy: disable-error-code="no-any-return"

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.architecture import ActivationName, LossName
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.numerics import Array

Value = Callable[[Array, Array, Array], Array]
"""(z, o, y): the loss of each sample, n."""

Delta = Callable[[Array, Array, Array], Array]
"""(z, o, y): for each sample the gradient of its loss by z, n × k."""


@dataclass(frozen=True, slots=True)
class OutputLoss:
    """A loss and the output activation before it, as one function of the net input."""

    value: Value
    delta: Delta


def output_loss(loss: LossName, activation: ActivationName) -> OutputLoss:
    """The pair's own formulas where it has them, else the loss after the activation."""
    return OUTPUT_LOSSES.get((loss, activation)) or composed(loss, activation)


def composed(loss: LossName, activation: ActivationName) -> OutputLoss:
    """The general way, as the chain rule has it: softmax takes its full Jacobian here."""
    function, pull_back = LOSSES[loss], ACTIVATIONS[activation].pull_back

    def value(_z: Array, o: Array, y: Array) -> Array:
        return function.value(o, y)

    def delta(z: Array, o: Array, y: Array) -> Array:
        gradient = function.gradient(o, y)
        pull_back(z, o, gradient, np.empty_like(gradient))
        return gradient

    return OutputLoss(value, delta)


def _log_sum_exp(z: Array) -> Array:
    """The logarithm of Σ exp(z) of each row, n × 1, shifted by the row's largest."""
    top = z.max(axis=1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(axis=1, keepdims=True))


def _log_softmax(z: Array) -> Array:
    """Log o = z - log Σ exp(z)."""
    return z - _log_sum_exp(z)


def _log_others(z: Array) -> Array:
    """log(1 - o) of a softmax: the share of all the other units, which one unit alone has not.

    1 - o is exact enough for every unit but the largest; its others are added up by themselves.
    """
    if z.shape[1] == 1:
        return np.full_like(z, -np.inf)
    rows, top = np.arange(len(z)), z.argmax(axis=1)
    others = z.copy()
    others[rows, top] = -np.inf
    total = _log_sum_exp(z)
    logs: Array = np.log1p(-np.exp(z - total))
    logs[rows, top] = (_log_sum_exp(others) - total)[:, 0]
    return logs


def _weighted(weight: Array, logarithm: Array) -> Array:
    """Weight · logarithm, and 0 where the weight is 0, also for the logarithm of 0."""
    return weight * np.where(weight == 0, 0, logarithm)


def _log_loss_of_sigmoid(z: Array, _o: Array, y: Array) -> Array:
    """Mean of log(1 + exp(z)) - y z, with the logarithm as max(z, 0) + log(1 + exp(-|z|))."""
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))), axis=1)


def _log_loss_of_sigmoid_delta(_z: Array, o: Array, y: Array) -> Array:
    """(o - y) / k."""
    return (o - y) / o.shape[1]


def _log_loss_of_softmax(z: Array, _o: Array, y: Array) -> Array:
    """Mean of -y log o - (1 - y) log(1 - o)."""
    return -np.mean(y * _log_softmax(z) + _weighted(1 - y, _log_others(z)), axis=1)


def _log_loss_of_softmax_delta(z: Array, o: Array, y: Array) -> Array:
    """The Jacobian over l' = (o - y) / (o (1 - o)): o_i - y_i - Σ_{j≠i} (o_j - y_j) o_i / (1 - o_j), all divided by k.

    1 - o of the largest unit may round to 0, so that one's shares o_i / (1 - o_j) come from logarithms.
    """
    rows, top = np.arange(len(z)), z.argmax(axis=1)
    others = _log_others(z)
    ratio = (o - y) / np.exp(others)
    ratio[rows, top] = 0
    shares = np.exp(_log_softmax(z) - others[rows, top][:, np.newaxis])
    shares[rows, top] = 0
    small = o * (ratio.sum(axis=1, keepdims=True) - ratio)
    large = np.where(shares == 0, 0, shares * (o - y)[rows, top][:, np.newaxis])
    return (o - y - small - large) / o.shape[1]


def _cross_entropy_of_softmax(z: Array, _o: Array, y: Array) -> Array:
    """-Σ y log o."""
    return -np.sum(y * _log_softmax(z), axis=1)


def _cross_entropy_of_softmax_delta(_z: Array, o: Array, y: Array) -> Array:
    """The delta o Σ y - y, which is o - y for targets that sum to 1."""
    return o * y.sum(axis=1, keepdims=True) - y


def _cross_entropy_of_sigmoid(z: Array, _o: Array, y: Array) -> Array:
    """-Σ y log σ(z) = Σ y log(1 + exp(-z))."""
    return np.sum(y * np.logaddexp(-z, 0), axis=1)


def _cross_entropy_of_sigmoid_delta(z: Array, _o: Array, y: Array) -> Array:
    """-y (1 - o)."""
    return -y / (1 + np.exp(z))


def _poisson_of_sigmoid(z: Array, o: Array, y: Array) -> Array:
    """Mean of o - y log σ(z)."""
    return np.mean(o + y * np.logaddexp(-z, 0), axis=1)


def _poisson_of_sigmoid_delta(z: Array, o: Array, y: Array) -> Array:
    """(o - y) (1 - o) / k."""
    return (o - y) / (1 + np.exp(z)) / o.shape[1]


def _poisson_of_softmax(z: Array, o: Array, y: Array) -> Array:
    """Mean of o - y log o."""
    return np.mean(o - y * _log_softmax(z), axis=1)


def _poisson_of_softmax_delta(z: Array, o: Array, y: Array) -> Array:
    """As cross-entropy, for Σ o = 1 never changes; divided by k."""
    return _cross_entropy_of_softmax_delta(z, o, y) / o.shape[1]


_SOFTPLUS_IS_EXP = -40.0
"""Below it log(1 + exp(z)) is exp(z) to the last bit, so its logarithm is z."""


def _poisson_of_softplus(z: Array, o: Array, y: Array) -> Array:
    """Mean of o - y log o, with log o = z where o is as good as exp(z)."""
    small = z < _SOFTPLUS_IS_EXP
    return np.mean(o - y * np.where(small, z, np.log(np.where(small, 1, o))), axis=1)


def _poisson_of_softplus_delta(z: Array, o: Array, y: Array) -> Array:
    """σ(z) - y σ(z) / o, where σ(z) / o is 1 as soon as o is as good as exp(z)."""
    slope = 1 / (1 + np.exp(-z))
    small = z < _SOFTPLUS_IS_EXP
    return (slope - y * np.where(small, 1, slope / np.where(small, 1, o))) / o.shape[1]


OUTPUT_LOSSES: dict[tuple[LossName, ActivationName], OutputLoss] = {
    ("log_loss", "sigmoid"): OutputLoss(_log_loss_of_sigmoid, _log_loss_of_sigmoid_delta),
    ("log_loss", "softmax"): OutputLoss(_log_loss_of_softmax, _log_loss_of_softmax_delta),
    ("cross_entropy", "softmax"): OutputLoss(_cross_entropy_of_softmax, _cross_entropy_of_softmax_delta),
    ("cross_entropy", "sigmoid"): OutputLoss(_cross_entropy_of_sigmoid, _cross_entropy_of_sigmoid_delta),
    ("poisson", "sigmoid"): OutputLoss(_poisson_of_sigmoid, _poisson_of_sigmoid_delta),
    ("poisson", "softmax"): OutputLoss(_poisson_of_softmax, _poisson_of_softmax_delta),
    ("poisson", "softplus"): OutputLoss(_poisson_of_softplus, _poisson_of_softplus_delta),
}
