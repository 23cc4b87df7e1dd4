"""Each optimizer is one update over the flat vector of all parameters, with PyTorch's definition of it.

Names in the formulas: θ parameters, g gradient, η learning rate, t the step's number from 1. What an optimizer
remembers are some vectors as long as θ (`memory`, zeros at first) and a few numbers; everything is changed in place.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deltarule.backprop.definition import Adagrad, Adam, AdamW, Nadam, RmsProp, Sgd
from deltarule.backprop.numerics import Array, Doubles


@dataclass(frozen=True, slots=True)
class Step:
    """One step to be taken."""

    number: int
    rate: float
    parameters: Array
    gradient: Array
    memory: Array
    numbers: Doubles
    scratch: Array


@dataclass(frozen=True, slots=True)
class Method:
    """An optimizer: its update, how many vectors it remembers, and the numbers it remembers, as they start."""

    update: Callable[[Any, Step], object]
    vectors: Callable[[Any], int]
    numbers: tuple[float, ...] = ()


def _move_average(average: Array, towards: Array, share: float, scratch: Array) -> None:
    """Average + share (towards - average), in place."""
    np.subtract(towards, average, out=scratch)
    np.multiply(scratch, share, out=scratch)
    np.add(average, scratch, out=average)


def _move_square_average(average: Array, gradient: Array, keep: float, scratch: Array) -> None:
    """Keep · average + (1 - keep) g², in place."""
    np.multiply(average, keep, out=average)
    np.multiply(gradient, gradient, out=scratch)
    np.multiply(scratch, 1 - keep, out=scratch)
    np.add(average, scratch, out=average)


def _descend(step: Step, numerator: Array, denominator: Array, rate: float) -> None:
    """θ ← θ - rate · numerator / denominator; the denominator is used up."""
    np.divide(numerator, denominator, out=denominator)
    np.multiply(denominator, rate, out=denominator)
    np.subtract(step.parameters, denominator, out=step.parameters)


def _root(square: Array, scale: float, epsilon: float, out: Array) -> Array:
    """√square / scale + epsilon."""
    np.sqrt(square, out=out)
    np.divide(out, scale, out=out)
    return np.add(out, epsilon, out=out)


def _sgd(rule: Sgd, step: Step) -> None:
    """Velocity v ← μ v + g; θ ← θ - η v, or with Nesterov's momentum θ ← θ - η (g + μ v)."""
    direction = step.gradient
    if rule.momentum:
        velocity, direction = step.memory[0], step.scratch[1]
        np.multiply(velocity, rule.momentum, out=velocity)
        np.add(velocity, step.gradient, out=velocity)
        np.copyto(direction, velocity)
        if rule.nesterov:
            np.multiply(velocity, rule.momentum, out=direction)
            np.add(direction, step.gradient, out=direction)
    np.multiply(direction, step.rate, out=step.scratch[0])
    np.subtract(step.parameters, step.scratch[0], out=step.parameters)


def _rms_prop(rule: RmsProp, step: Step) -> None:
    """Mean square s ← ρ s + (1 - ρ) g²; θ ← θ - η g / (√s + ε) (G. Hinton, lecture 6e, 2012)."""
    (square,) = step.memory
    _move_square_average(square, step.gradient, rule.rho, step.scratch[0])
    _descend(step, step.gradient, _root(square, 1, rule.epsilon, step.scratch[0]), step.rate)


def _adagrad(rule: Adagrad, step: Step) -> None:
    """Sum of squares s ← s + g²; θ ← θ - η g / (√s + ε) (J. Duchi et al., 2011)."""
    (square,) = step.memory
    np.multiply(step.gradient, step.gradient, out=step.scratch[0])
    np.add(square, step.scratch[0], out=square)
    _descend(step, step.gradient, _root(square, 1, rule.epsilon, step.scratch[0]), step.rate)


def _adam(rule: Adam | AdamW, step: Step) -> None:
    """m, v ← moving averages of g, g²; θ ← θ - η m̂ / (√v̂ + ε) (D. Kingma, J. Ba, 2015).

    m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ). AMSGrad takes the largest v so far (S. Reddi et al., 2018).
    """
    mean, square = step.memory[:2]
    _move_average(mean, step.gradient, 1 - rule.beta1, step.scratch[0])
    _move_square_average(square, step.gradient, rule.beta2, step.scratch[0])
    if rule.amsgrad:
        square = np.maximum(step.memory[2], square, out=step.memory[2])
    root = _root(square, math.sqrt(1 - rule.beta2**step.number), rule.epsilon, step.scratch[0])
    _descend(step, mean, root, step.rate / (1 - rule.beta1**step.number))


def _adamw(rule: AdamW, step: Step) -> None:
    """θ ← (1 - η λ) θ, then Adam (I. Loshchilov, F. Hutter, 2019)."""
    np.multiply(step.parameters, 1 - step.rate * rule.weight_decay, out=step.parameters)
    _adam(rule, step)


def _nadam(rule: Nadam, step: Step) -> None:
    """θ ← θ - η ((1 - μₜ) / (1 - Πμ) g + μₜ₊₁ / (1 - Πμ μₜ₊₁) m) / (√v̂ + ε) (T. Dozat, 2016).

    μₜ = β₁ (1 - ½ · 0.96^(t ψ)) with ψ the momentum decay; Πμ, the product of all μ up to t, is the number remembered.
    """
    mean, square = step.memory
    momentum, following = (
        rule.beta1 * (1 - 0.5 * 0.96 ** (number * rule.momentum_decay)) for number in (step.number, step.number + 1)
    )
    step.numbers[0] *= momentum
    product = float(step.numbers[0])
    _move_average(mean, step.gradient, 1 - rule.beta1, step.scratch[0])
    _move_square_average(square, step.gradient, rule.beta2, step.scratch[0])
    root = _root(square, math.sqrt(1 - rule.beta2**step.number), rule.epsilon, step.scratch[0])
    np.multiply(step.gradient, (1 - momentum) / (1 - product), out=step.gradient)
    np.multiply(mean, following / (1 - product * following), out=step.scratch[1])
    np.add(step.gradient, step.scratch[1], out=step.scratch[1])
    _descend(step, step.scratch[1], root, step.rate)


SCRATCH_VECTORS = 2
"""The room that an update may use: vectors as long as θ."""

OPTIMIZERS: dict[str, Method] = {
    "sgd": Method(_sgd, lambda rule: int(rule.momentum > 0)),
    "rmsprop": Method(_rms_prop, lambda _: 1),
    "adagrad": Method(_adagrad, lambda _: 1),
    "adam": Method(_adam, lambda rule: 3 if rule.amsgrad else 2),
    "adamw": Method(_adamw, lambda rule: 3 if rule.amsgrad else 2),
    "nadam": Method(_nadam, lambda _: 2, (1.0,)),
}
