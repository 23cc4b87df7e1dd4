"""Every optimizer as one loop over the flat vector: gradient, memory and parameters are passed once, all at a time.

The formulas are those of `deltarule.backprop.optimizers`, where their sources are named. What is the same for all
parameters is computed in float64 and rounded once to their dtype.
"""

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import math

import numpy as np

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Rules
from deltarule.backprop.numerics import Array, Doubles

SGD, RMSPROP, ADAGRAD, ADAM, ADAMW, NADAM = range(6)
NUMBERS = {"sgd": SGD, "rmsprop": RMSPROP, "adagrad": ADAGRAD, "adam": ADAM, "adamw": ADAMW, "nadam": NADAM}


@kernel
def descend(
    rule: Rules, step: int, rate: float, theta: Array, gradient: Array, memory: Array, numbers: Doubles
) -> None:
    """One step (its number from 1) of the optimizer: parameters, memory and numbers are changed in place."""
    if rule.optimizer == ADAM:
        _adam(rule, step, rate, theta, gradient, memory)
    elif rule.optimizer == SGD:
        _sgd(rule, rate, theta, gradient, memory)
    elif rule.optimizer == ADAMW:
        _decay(1 - rate * rule.weight_decay, theta)
        _adam(rule, step, rate, theta, gradient, memory)
    elif rule.optimizer == RMSPROP:
        _rms_prop(rule, rate, theta, gradient, memory[0])
    elif rule.optimizer == ADAGRAD:
        _adagrad(rule, rate, theta, gradient, memory[0])
    elif rule.optimizer == NADAM:
        _nadam(rule, step, rate, theta, gradient, memory, numbers)


@kernel
def _sgd(rule: Rules, rate: float, theta: Array, gradient: Array, memory: Array) -> None:
    """θ ← θ - η g, or with momentum."""
    eta = theta.dtype.type(rate)
    if rule.momentum > 0:
        _momentum(rule, rate, theta, gradient, memory[0])
    else:
        for i in range(theta.size):
            theta[i] -= eta * gradient[i]


@kernel
def _momentum(rule: Rules, rate: float, theta: Array, gradient: Array, velocity: Array) -> None:
    """V ← μ v + g; θ ← θ - η v, or with Nesterov's momentum θ ← θ - η (g + μ v)."""
    eta, mu = theta.dtype.type(rate), theta.dtype.type(rule.momentum)
    if rule.nesterov:
        for i in range(theta.size):
            velocity[i] = mu * velocity[i] + gradient[i]
            theta[i] -= eta * (gradient[i] + mu * velocity[i])
    else:
        for i in range(theta.size):
            velocity[i] = mu * velocity[i] + gradient[i]
            theta[i] -= eta * velocity[i]


@kernel
def _rms_prop(rule: Rules, rate: float, theta: Array, gradient: Array, square: Array) -> None:
    """S ← ρ s + (1 - ρ) g²; θ ← θ - η g / (√s + ε)."""
    real = theta.dtype.type
    eta, keep, share, epsilon = real(rate), real(rule.rho), real(1 - rule.rho), real(rule.epsilon)
    for i in range(theta.size):
        square[i] = keep * square[i] + share * gradient[i] * gradient[i]
        theta[i] -= eta * (gradient[i] / (np.sqrt(square[i]) + epsilon))


@kernel
def _adagrad(rule: Rules, rate: float, theta: Array, gradient: Array, square: Array) -> None:
    """S ← s + g²; θ ← θ - η g / (√s + ε)."""
    eta, epsilon = theta.dtype.type(rate), theta.dtype.type(rule.epsilon)
    for i in range(theta.size):
        square[i] += gradient[i] * gradient[i]
        theta[i] -= eta * (gradient[i] / (np.sqrt(square[i]) + epsilon))


@kernel
def _decay(factor: float, theta: Array) -> None:
    """θ ← (1 - η λ) θ."""
    keep = theta.dtype.type(factor)
    for i in range(theta.size):
        theta[i] *= keep


@kernel
def _adam(rule: Rules, step: int, rate: float, theta: Array, gradient: Array, memory: Array) -> None:
    """m, v ← moving averages of g, g²; θ ← θ - η m̂ / (√v̂ + ε), with v̂ the largest so far for AMSGrad."""
    real = theta.dtype.type
    eta = real(rate / (1 - rule.beta1 ** float(step)))
    bias = real(1 / math.sqrt(1 - rule.beta2 ** float(step)))
    towards, keep, share = real(1 - rule.beta1), real(rule.beta2), real(1 - rule.beta2)
    epsilon = real(rule.epsilon)
    mean, square = memory[0], memory[1]
    if rule.amsgrad:
        largest = memory[2]
        for i in range(theta.size):
            mean[i] += towards * (gradient[i] - mean[i])
            square[i] = keep * square[i] + share * (gradient[i] * gradient[i])
            largest[i] = largest[i] if largest[i] > square[i] else square[i]
            theta[i] -= eta * (mean[i] / (np.sqrt(largest[i]) * bias + epsilon))
    else:
        for i in range(theta.size):
            mean[i] += towards * (gradient[i] - mean[i])
            square[i] = keep * square[i] + share * (gradient[i] * gradient[i])
            theta[i] -= eta * (mean[i] / (np.sqrt(square[i]) * bias + epsilon))


@kernel
def _nadam(rule: Rules, step: int, rate: float, theta: Array, gradient: Array, memory: Array, numbers: Doubles) -> None:
    """θ ← θ - η ((1 - μₜ) / (1 - Πμ) g + μₜ₊₁ / (1 - Πμ μₜ₊₁) m) / (√v̂ + ε); numbers[0] is Πμ."""
    real = theta.dtype.type
    momentum = rule.beta1 * (1 - 0.5 * 0.96 ** (step * rule.momentum_decay))
    following = rule.beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * rule.momentum_decay))
    numbers[0] *= momentum
    product = numbers[0]
    of_gradient = real((1 - momentum) / (1 - product))
    of_mean = real(following / (1 - product * following))
    eta, bias = real(rate), real(1 / math.sqrt(1 - rule.beta2 ** float(step)))
    towards, keep, share = real(1 - rule.beta1), real(rule.beta2), real(1 - rule.beta2)
    epsilon = real(rule.epsilon)
    mean, square = memory[0], memory[1]
    for i in range(theta.size):
        mean[i] += towards * (gradient[i] - mean[i])
        square[i] = keep * square[i] + share * (gradient[i] * gradient[i])
        direction = of_gradient * gradient[i] + of_mean * mean[i]
        theta[i] -= eta * (direction / (np.sqrt(square[i]) * bias + epsilon))
