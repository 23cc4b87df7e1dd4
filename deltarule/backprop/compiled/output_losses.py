"""Every loss as one loop over the outputs: the loss of each sample, and the delta ∂l/∂z that it sends back.

The formulas are those of `deltarule.backprop.losses` and, for logarithms, of `deltarule.backprop.output_losses`: taken
from the net input, where nothing is saturated. A number stands for each of them. z, o, y and delta are n × k; delta is
of the sample's own loss, without its share of the batch.
"""

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import numpy as np

from deltarule.backprop.architecture import ActivationName, LossName
from deltarule.backprop.compiled.activations import pull_back
from deltarule.backprop.compiled.arithmetic import Number, exponential, exponential_minus_1, hyperbolic_tangent
from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.numerics import Array

(
    SQUARED_ERROR,
    HALF_SQUARED_ERROR,
    ABSOLUTE_ERROR,
    HUBER,
    LOG_COSH,
    HINGE,
    LOG_LOSS_OF_SIGMOID,
    LOG_LOSS_OF_SOFTMAX,
    CROSS_ENTROPY_OF_SOFTMAX,
    CROSS_ENTROPY_OF_SIGMOID,
    POISSON_OF_SIGMOID,
    POISSON_OF_SOFTMAX,
    POISSON_OF_SOFTPLUS,
) = range(13)

_OF_OUTPUTS: dict[LossName, int] = {
    "squared_error": SQUARED_ERROR,
    "half_squared_error": HALF_SQUARED_ERROR,
    "absolute_error": ABSOLUTE_ERROR,
    "huber": HUBER,
    "log_cosh": LOG_COSH,
    "hinge": HINGE,
}
_OF_NET_INPUTS: dict[tuple[LossName, ActivationName], int] = {
    ("log_loss", "sigmoid"): LOG_LOSS_OF_SIGMOID,
    ("log_loss", "softmax"): LOG_LOSS_OF_SOFTMAX,
    ("cross_entropy", "softmax"): CROSS_ENTROPY_OF_SOFTMAX,
    ("cross_entropy", "sigmoid"): CROSS_ENTROPY_OF_SIGMOID,
    ("poisson", "sigmoid"): POISSON_OF_SIGMOID,
    ("poisson", "softmax"): POISSON_OF_SOFTMAX,
    ("poisson", "softplus"): POISSON_OF_SOFTPLUS,
}

_SOFTPLUS_IS_EXP = -40.0
"""Below it log(1 + exp(z)) is exp(z) to the last bit, so its logarithm is z."""


def number_of(loss: LossName, activation: ActivationName) -> int:
    """The number of a loss after an output activation that it accepts."""
    number = _OF_NET_INPUTS.get((loss, activation))
    return _OF_OUTPUTS[loss] if number is None else number


@kernel
def losses_and_deltas(loss: int, activation: int, z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Writes the loss of each sample (n) and its delta (n × k)."""
    if loss == CROSS_ENTROPY_OF_SOFTMAX:
        _cross_entropy_of_softmax(z, o, y, losses, delta)
    elif loss == LOG_LOSS_OF_SIGMOID:
        _log_loss_of_sigmoid(z, o, y, losses, delta)
    elif loss == LOG_LOSS_OF_SOFTMAX:
        _log_loss_of_softmax(z, o, y, losses, delta)
    elif loss == CROSS_ENTROPY_OF_SIGMOID:
        _cross_entropy_of_sigmoid(z, y, losses, delta)
    elif loss == POISSON_OF_SIGMOID:
        _poisson_of_sigmoid(z, o, y, losses, delta)
    elif loss == POISSON_OF_SOFTMAX:
        _poisson_of_softmax(z, o, y, losses, delta)
    elif loss == POISSON_OF_SOFTPLUS:
        _poisson_of_softplus(z, o, y, losses, delta)
    else:
        _losses_of_outputs(loss, o, y, losses, delta)
        pull_back(activation, z.ravel(), o.ravel(), delta.ravel(), z.shape[1])


@kernel
def _losses_of_outputs(loss: int, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """The general way: the gradient by the outputs, which the caller pulls back to the net input."""
    if loss == SQUARED_ERROR:
        _squared_error(o, y, losses, delta, 1 / o.shape[1])
    elif loss == HALF_SQUARED_ERROR:
        _squared_error(o, y, losses, delta, 0.5)
    elif loss == ABSOLUTE_ERROR:
        _absolute_error(o, y, losses, delta)
    elif loss == HUBER:
        _huber(o, y, losses, delta)
    elif loss == LOG_COSH:
        _log_cosh(o, y, losses, delta)
    elif loss == HINGE:
        _hinge(o, y, losses, delta)


@kernel
def _squared_error(o: Array, y: Array, losses: Array, delta: Array, factor: float) -> None:
    """Factor · Σ (o - y)²: 1 / k for the mean over the outputs, ½ for half the sum."""
    once, twice = o.dtype.type(factor), o.dtype.type(2 * factor)
    for r in range(o.shape[0]):
        total = o.dtype.type(0)
        for j in range(o.shape[1]):
            error = o[r, j] - y[r, j]
            total += error * error
            delta[r, j] = error * twice
        losses[r] = total * once


@kernel
def _absolute_error(o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of |o - y|; the delta of an error of 0 is 0, and of NaN NaN."""
    zero, share = o.dtype.type(0), o.dtype.type(1 / o.shape[1])
    for r in range(o.shape[0]):
        total = zero
        for j in range(o.shape[1]):
            error = o[r, j] - y[r, j]
            total += abs(error)
            delta[r, j] = share if error > zero else (-share if error < zero else error)
        losses[r] = total * share


@kernel
def _huber(o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of ½ e² where |e| ≤ 1, |e| - ½ beyond."""
    one, half, share = o.dtype.type(1), o.dtype.type(0.5), o.dtype.type(1 / o.shape[1])
    for r in range(o.shape[0]):
        total = o.dtype.type(0)
        for j in range(o.shape[1]):
            error = o[r, j] - y[r, j]
            distance = abs(error)
            inner = one if distance > one else distance
            total += inner * (distance - half * inner)
            delta[r, j] = share * (one if error > one else (-one if error < -one else error))
        losses[r] = total * share


@kernel
def _log_cosh(o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of |e| + log(1 + (exp(-2|e|) - 1) / 2)."""
    half, share = o.dtype.type(0.5), o.dtype.type(1 / o.shape[1])
    two = o.dtype.type(-2)
    for r in range(o.shape[0]):
        total = o.dtype.type(0)
        for j in range(o.shape[1]):
            error = o[r, j] - y[r, j]
            total += abs(error) + np.log1p(exponential_minus_1(two * abs(error)) * half)
            delta[r, j] = hyperbolic_tangent(error) * share
        losses[r] = total * share


@kernel
def _hinge(o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of max(0, 1 - y o)."""
    zero, one, share = o.dtype.type(0), o.dtype.type(1), o.dtype.type(1 / o.shape[1])
    for r in range(o.shape[0]):
        total = zero
        for j in range(o.shape[1]):
            short = one - y[r, j] * o[r, j]
            total += zero if short <= zero else short
            delta[r, j] = -y[r, j] * share if y[r, j] * o[r, j] < one else zero
        losses[r] = total * share


@kernel
def _log_sigmoid(z: Number) -> Number:
    """-log σ(z) = log(1 + exp(-z)) = max(-z, 0) + log(1 + exp(-|z|))."""
    rest = np.log1p(exponential(-abs(z)))
    return rest if z > 0 else rest - z


@kernel
def _log_loss_of_sigmoid(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of log(1 + exp(z)) - y z, where log(1 + exp(z)) = z - log σ(z); delta (o - y) / k."""
    share = z.dtype.type(1 / z.shape[1])
    for r in range(z.shape[0]):
        total = z.dtype.type(0)
        for j in range(z.shape[1]):
            total += _log_sigmoid(-z[r, j]) - y[r, j] * z[r, j]
            delta[r, j] = (o[r, j] - y[r, j]) * share
        losses[r] = total * share


@kernel
def _cross_entropy_of_sigmoid(z: Array, y: Array, losses: Array, delta: Array) -> None:
    """-Σ y log σ(z); delta -y σ(-z)."""
    one = z.dtype.type(1)
    for r in range(z.shape[0]):
        total = z.dtype.type(0)
        for j in range(z.shape[1]):
            total += y[r, j] * _log_sigmoid(z[r, j])
            delta[r, j] = -y[r, j] / (one + exponential(z[r, j]))
        losses[r] = total


@kernel
def _poisson_of_sigmoid(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of o - y log σ(z); delta (o - y) σ(-z) / k."""
    one, share = z.dtype.type(1), z.dtype.type(1 / z.shape[1])
    for r in range(z.shape[0]):
        total = z.dtype.type(0)
        for j in range(z.shape[1]):
            total += o[r, j] + y[r, j] * _log_sigmoid(z[r, j])
            delta[r, j] = (o[r, j] - y[r, j]) / (one + exponential(z[r, j])) * share
        losses[r] = total * share


@kernel
def _poisson_of_softplus(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of o - y log o; delta (σ(z) - y σ(z) / o) / k. Far below 0, where o is exp(z), log o = z, σ(z) / o = 1."""
    one, share, low = z.dtype.type(1), z.dtype.type(1 / z.shape[1]), z.dtype.type(_SOFTPLUS_IS_EXP)
    for r in range(z.shape[0]):
        total = z.dtype.type(0)
        for j in range(z.shape[1]):
            slope = one / (one + exponential(-z[r, j]))
            small = z[r, j] < low
            total += o[r, j] - y[r, j] * (z[r, j] if small else np.log(o[r, j]))
            delta[r, j] = (slope - y[r, j] * (one if small else slope / o[r, j])) * share
        losses[r] = total * share


@kernel
def _largest(row: Array) -> int:
    """The index of the largest number; of NaN, if there is one."""
    best = 0
    for j in range(1, row.size):
        best = best if row[j] <= row[best] else j
    return best


@kernel
def _log_sum_exp(z: Array, o: Array, top: int) -> Number:
    """The logarithm of Σ exp(z) over a row whose softmax is o: that of the largest, z = log o + log Σ exp(z)."""
    return z[top] - np.log(o[top])


@kernel
def _cross_entropy_of_softmax(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """-Σ y log o with log o = z - log Σ exp(z), 0 where y is 0; delta o Σy - y, which is o - y for a Σy of 1."""
    zero = z.dtype.type(0)
    for r in range(z.shape[0]):
        log_sum = _log_sum_exp(z[r], o[r], _largest(z[r]))
        total, weight = zero, zero
        for j in range(z.shape[1]):
            weight += y[r, j]
            if y[r, j] != zero:
                total += y[r, j] * (log_sum - z[r, j])
        for j in range(z.shape[1]):
            delta[r, j] = o[r, j] * weight - y[r, j]
        losses[r] = total


@kernel
def _poisson_of_softmax(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of o - y log o: as cross-entropy with Σ o = 1, all divided by k."""
    share = z.dtype.type(1 / z.shape[1])
    _cross_entropy_of_softmax(z, o, y, losses, delta)
    for r in range(z.shape[0]):
        total = losses[r]
        for j in range(z.shape[1]):
            total += o[r, j]
            delta[r, j] *= share
        losses[r] = total * share


@kernel
def _log_of_others(z: Array, top: int, log_sum: Number) -> Number:
    """log(1 - o) of a row's largest unit, from the sum of all the others."""
    second = -1
    for j in range(z.size):
        if j != top and (second < 0 or not z[j] <= z[second]):
            second = j
    if second < 0 or z[second] == -np.inf:
        return z.dtype.type(-np.inf)
    total = z.dtype.type(0)
    for j in range(z.size):
        if j != top:
            total += exponential(z[j] - z[second])
    return z[second] + np.log(total) - log_sum


@kernel
def _log_loss_of_softmax(z: Array, o: Array, y: Array, losses: Array, delta: Array) -> None:
    """Mean of -y log o - (1 - y) log(1 - o), and its delta, sample by sample."""
    for r in range(z.shape[0]):
        losses[r] = _log_loss_of_softmax_row(z[r], o[r], y[r], delta[r])


@kernel
def _log_loss_of_softmax_row(z: Array, o: Array, y: Array, delta: Array) -> Number:
    """The Jacobian over l' = (o - y) / (o (1 - o)): o_i - y_i - Σ_{j≠i} (o_j - y_j) o_i / (1 - o_j), all divided by k.

    1 - o of the largest unit may round to 0: its logarithm, and its shares o_i / (1 - o), come from net inputs.
    """
    zero, one, share = z.dtype.type(0), z.dtype.type(1), z.dtype.type(1 / z.size)
    top = _largest(z)
    log_sum = _log_sum_exp(z, o, top)
    log_others = _log_of_others(z, top, log_sum)
    total, ratios = zero, zero
    for j in range(z.size):
        logarithm = z[j] - log_sum
        odds = log_others if j == top else np.log1p(-exponential(logarithm))
        total -= (y[j] * logarithm if y[j] != zero else zero) + ((one - y[j]) * odds if y[j] != one else zero)
        delta[j] = zero if j == top else (o[j] - y[j]) / exponential(odds)
        ratios += delta[j]
    for j in range(z.size):
        part = exponential(z[j] - log_sum - log_others) if j != top else zero
        large = part * (o[top] - y[top]) if part != zero else zero
        delta[j] = (o[j] - y[j] - o[j] * (ratios - delta[j]) - large) * share
    return total * share
