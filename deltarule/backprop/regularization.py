"""What keeps weights small and steps short: penalties in the gradient, and a bound on its norm."""

import numpy as np

from deltarule.backprop.definition import Regularization
from deltarule.backprop.numerics import Array, euclidean_norm
from deltarule.backprop.parameters import Parameters

NORM_MARGIN = 1e-6
"""Added to the norm before dividing by it, as PyTorch's clip_grad_norm_ does."""


def penalize(gradient: Parameters, parameters: Parameters, rule: Regularization, scratch: Array) -> None:
    """Adds l1 · sign(w) + l2 · w to the gradient of the weights, in place; biases go free.

    Args:
        gradient: changed in place.
        parameters: whose weights are penalized: l1 |w| + ½ l2 w².
        rule: the factors.
        scratch: a vector as long as the parameters, written over.
    """
    for by_weights, weights in zip(gradient.weights, parameters.weights, strict=True):
        room = scratch[: weights.size].reshape(weights.shape)
        if rule.l1:
            np.sign(weights, out=room)
            np.multiply(room, rule.l1, out=room)
            np.add(by_weights, room, out=by_weights)
        if rule.l2:
            np.multiply(weights, rule.l2, out=room)
            np.add(by_weights, room, out=by_weights)


def clip(gradient: Array, limit: float) -> None:
    """Scales the gradient so that its Euclidean norm is at most `limit`, in place."""
    factor = limit / (euclidean_norm(gradient) + NORM_MARGIN)
    if factor < 1:
        np.multiply(gradient, factor, out=gradient)


def penalty(parameters: Parameters, rule: Regularization) -> float:
    """l1 Σ|w| + ½ l2 Σ w² over the weights: what `penalize` is the gradient of; never part of a reported loss."""
    absolute = sum(float(np.abs(weights).sum()) for weights in parameters.weights) if rule.l1 else 0.0
    squared = sum(float(np.square(weights).sum()) for weights in parameters.weights) if rule.l2 else 0.0
    return rule.l1 * absolute + 0.5 * rule.l2 * squared
