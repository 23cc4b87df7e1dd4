"""Each loss is two formulas: the loss of every sample, and its gradient by the outputs.

Outputs o and targets y have the shape n × k; a loss answers n numbers, its gradient n × k, for each sample by itself:
the mean over the batch is taken later, once. Losses of a logarithm are written here as the textbook has them; training
takes them from the net input instead (`output_losses`), where nothing is saturated.
"""

# NumPy's type stubs answer Any for quotients and means of float32 or float64 alike.
# mypy: disable-error-code="no-any-return"

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.architecture import ActivationName, LossName
from deltarule.backprop.interval import NOT_NEGATIVE, POSITIVE, REAL, UNIT, Interval
from deltarule.backprop.numerics import Array

Value = Callable[[Array, Array], Array]
"""(o, y): the loss of each sample, n."""

Gradient = Callable[[Array, Array], Array]
"""(o, y): for each sample the gradient of its loss by its outputs, n × k."""


@dataclass(frozen=True, slots=True)
class LossFunction:
    """One loss: its formulas, the outputs and targets it is defined for, and the output activation it is made for."""

    value: Value
    gradient: Gradient
    activation: ActivationName
    outputs: Interval = REAL
    targets: Interval = REAL


def _squared_error(o: Array, y: Array) -> Array:
    """Mean of (o - y)² over the outputs."""
    return np.mean(np.square(o - y), axis=1)


def _squared_error_gradient(o: Array, y: Array) -> Array:
    return (o - y) * (2 / o.shape[1])


def _half_squared_error(o: Array, y: Array) -> Array:
    """½ Σ (o - y)²."""
    return np.sum(np.square(o - y), axis=1) * 0.5


def _half_squared_error_gradient(o: Array, y: Array) -> Array:
    return o - y


def _absolute_error(o: Array, y: Array) -> Array:
    """Mean of |o - y|."""
    return np.mean(np.abs(o - y), axis=1)


def _absolute_error_gradient(o: Array, y: Array) -> Array:
    return np.sign(o - y) / o.shape[1]


def _huber(o: Array, y: Array) -> Array:
    """Mean of ½ e² where |e| ≤ 1, |e| - ½ beyond (P. J. Huber, 1964), with delta 1."""
    distance = np.abs(o - y)
    inner = np.minimum(distance, 1)
    return np.mean(inner * (distance - 0.5 * inner), axis=1)


def _huber_gradient(o: Array, y: Array) -> Array:
    return np.clip(o - y, -1, 1) / o.shape[1]


def _log_cosh(o: Array, y: Array) -> Array:
    """Mean of log cosh(e), written as |e| + log(1 + (exp(-2|e|) - 1) / 2), which can't overflow."""
    distance = np.abs(o - y)
    return np.mean(distance + np.log1p(np.expm1(-2 * distance) * 0.5), axis=1)


def _log_cosh_gradient(o: Array, y: Array) -> Array:
    return np.tanh(o - y) / o.shape[1]


def _times_log(weight: Array, value: Array) -> Array:
    """Weight · log(value), and 0 where the weight is 0: what can't happen costs nothing."""
    return weight * np.log(np.where(weight == 0, 1, value))


def _log_loss(o: Array, y: Array) -> Array:
    """Mean of -y log o - (1 - y) log(1 - o)."""
    return -np.mean(_times_log(y, o) + _times_log(1 - y, 1 - o), axis=1)


def _log_loss_gradient(o: Array, y: Array) -> Array:
    return (o - y) / (o * (1 - o)) / o.shape[1]


def _cross_entropy(o: Array, y: Array) -> Array:
    """-Σ y log o."""
    return -np.sum(_times_log(y, o), axis=1)


def _cross_entropy_gradient(o: Array, y: Array) -> Array:
    return -y / o


def _poisson(o: Array, y: Array) -> Array:
    """Mean of o - y log o."""
    return np.mean(o - _times_log(y, o), axis=1)


def _poisson_gradient(o: Array, y: Array) -> Array:
    return (1 - y / o) / o.shape[1]


def _hinge(o: Array, y: Array) -> Array:
    """Mean of max(0, 1 - y o), for y = ±1."""
    return np.mean(np.maximum(1 - y * o, 0), axis=1)


def _hinge_gradient(o: Array, y: Array) -> Array:
    return np.where(y * o < 1, -y, np.zeros_like(y)) / o.shape[1]


_SHARE = Interval(0, 1, includes_low=False)

LOSSES: dict[LossName, LossFunction] = {
    "squared_error": LossFunction(_squared_error, _squared_error_gradient, "identity"),
    "half_squared_error": LossFunction(_half_squared_error, _half_squared_error_gradient, "identity"),
    "absolute_error": LossFunction(_absolute_error, _absolute_error_gradient, "identity"),
    "huber": LossFunction(_huber, _huber_gradient, "identity"),
    "log_cosh": LossFunction(_log_cosh, _log_cosh_gradient, "identity"),
    "log_loss": LossFunction(_log_loss, _log_loss_gradient, "sigmoid", UNIT, UNIT),
    "cross_entropy": LossFunction(_cross_entropy, _cross_entropy_gradient, "softmax", _SHARE, NOT_NEGATIVE),
    "poisson": LossFunction(_poisson, _poisson_gradient, "softplus", POSITIVE, NOT_NEGATIVE),
    "hinge": LossFunction(_hinge, _hinge_gradient, "identity", REAL, Interval(-1, 1)),
}


def target_fault(name: LossName, targets: Array) -> tuple[int, int, str] | None:
    """The first target that the loss isn't defined for: its row, its column and a sentence; None when all are fine.

    Args:
        name: the loss.
        targets: n × k.
    """
    fits = LOSSES[name].targets.holds(targets)
    if name == "hinge":
        fits &= np.abs(targets) == 1
    if fits.all():
        return None
    row, column = np.unravel_index(int(np.argmin(fits)), fits.shape)
    allowed = "-1 or 1" if name == "hinge" else str(LOSSES[name].targets)
    return int(row), int(column), f"{name} takes targets that are {allowed}, not {targets[row, column]:g}."
