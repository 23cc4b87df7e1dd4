"""Backpropagation against the definition of the derivative: both numbers, and how far they are apart."""

import math
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import SamplesError
from deltarule.backprop.gradient import LossGradient
from deltarule.backprop.numerics import Array, unwatched
from deltarule.backprop.parameters import Layout, Parameters, initial_parameters, layout
from deltarule.backprop.regularization import penalize, penalty
from deltarule.backprop.samples import Samples, prepared

STEPS = tuple(float(np.cbrt(np.finfo(np.float64).eps)) * share for share in (1, 0.1, 0.01))
"""How far a parameter is moved, at least and relative to it. With the first, rounding and curvature weigh alike; the
others are for a kink, or a jump of the curvature, in between. A wrong derivative is wrong at each of them."""

GOOD = 1e-7
"""A relative difference that needs no second look with another step."""

NOISE = 1e-4
"""Derivatives below this share of the loss itself drown in its rounding, and count as this large."""

KINK = 1e-3
"""Slopes to both sides of a kink differ by at least this share, however short the step."""


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The parameter where both derivatives are farthest apart, relative to the larger one.

    Attributes:
        relative_difference: the largest found; 0 when nothing could be compared.
        parameter: its parameter's number in the flat vector.
        backpropagated: the derivative that backpropagation gives.
        numerical: the derivative by central difference.
        checked: how many parameters were compared.
        at_kinks: how many were left out because the loss has no derivative by them here.
    """

    relative_difference: float
    parameter: int
    backpropagated: float
    numerical: float
    checked: int
    at_kinks: int


def check(
    definition: Definition, samples: Samples, parameters: Parameters | None = None, at_most: int = 2000
) -> GradientCheck:
    """Checks the gradient of the mean loss with its penalties, in float64, for one batch of all samples.

    Where the loss has a kink (a relu at exactly 0, an absolute error of 0) there is no derivative to compare with. What
    dropout drops stays the same throughout.

    Args:
        definition: resolved.
        samples: the batch.
        parameters: where to check; otherwise where the training would start.
        at_most: so many parameters are checked, evenly spread over all of them.

    Raises:
        SamplesError: samples that the definition can't take.
    """
    objective = _Objective(in_double(definition), samples, parameters)
    numbers = np.unique(np.linspace(0, objective.size - 1, min(at_most, objective.size)).round().astype(np.intp))
    with unwatched():
        gradient, loss = objective.gradient(), objective.value()
        comparisons = [_compare(objective, int(number), float(gradient[number]), loss) for number in numbers]
    compared = [one for one in comparisons if one is not None]
    worst = max(compared, key=lambda one: (math.isnan(one[0]), one[0]), default=(0.0, 0, 0.0, 0.0))
    return GradientCheck(*worst, checked=len(compared), at_kinks=len(comparisons) - len(compared))


def in_double(definition: Definition) -> Definition:
    """The same definition for a network in float64."""
    return definition.model_copy(update={"network": definition.network.model_copy(update={"dtype": "float64"})})


def parameters_in_double(definition: Definition, shape: Layout, parameters: Parameters | None) -> Parameters:
    """The parameters in float64, a copy; those that training would start from where there are none.

    Raises:
        SamplesError: the parameters are for another number of inputs than the samples have.
    """
    if parameters is None:
        return initial_parameters(definition.network, shape.inputs, definition.training.seed)
    if parameters.layout.inputs != shape.inputs:
        raise SamplesError(
            f"The samples have {shape.inputs} inputs in a row; this network takes {parameters.layout.inputs}."
        )
    return Parameters(shape, parameters.vector.astype(np.float64))


class _Objective:
    """The batch's mean loss and penalties as a function of the flat vector."""

    def __init__(self, definition: Definition, samples: Samples, parameters: Parameters | None) -> None:
        shape = layout(definition.network, samples.columns)
        self.size = shape.size
        self._rule = definition.regularization
        self._batch = prepared(samples, definition, shape)
        self._parameters = parameters_in_double(definition, shape, parameters)
        self._loss = LossGradient(definition, shape)

    def value(self) -> float:
        loss = self._loss.forward(self._parameters, self._batch, step=0) / len(self._batch)
        return loss + penalty(self._parameters, self._rule)

    def gradient(self) -> Array:
        self.value()
        self._loss.backward(self._parameters, self._batch)
        penalize(self._loss.gradient, self._parameters, self._rule, np.empty(self.size))
        return self._loss.gradient.vector.copy()

    def moved(self, number: int, distance: float) -> float:
        """The value with one parameter moved."""
        vector = self._parameters.vector
        before = vector[number]
        vector[number] = before + distance
        value = self.value()
        vector[number] = before
        return value

    def slopes(self, number: int, share: float, value: float) -> tuple[float, float]:
        """The slopes to both sides of a parameter; `value` is the one in place."""
        step = share * max(1.0, abs(float(self._parameters.vector[number])))
        return (self.moved(number, step) - value) / step, (value - self.moved(number, -step)) / step


Comparison = tuple[float, int, float, float]
"""(relative difference, parameter, backpropagated, numerical)."""


def _compare(objective: _Objective, number: int, backpropagated: float, loss: float) -> Comparison | None:
    """The best that any of the steps can say; None at a kink."""
    comparisons: list[Comparison] = []
    jumps: list[float] = []
    for share in STEPS:
        above, below = objective.slopes(number, share, loss)
        numerical = (above + below) / 2
        scale = max(abs(backpropagated), abs(numerical), NOISE * abs(loss), float(np.finfo(np.float64).tiny))
        comparisons.append((abs(backpropagated - numerical) / scale, number, backpropagated, numerical))
        jumps.append(abs(above - below))
        # In the middle of a kink, such as an absolute error of 0, both sides cancel out and seem to agree.
        if comparisons[-1][0] < GOOD and jumps[-1] <= KINK * scale:
            return comparisons[-1]
    at_kink = jumps[-1] > KINK * scale and jumps[-1] > jumps[0] / 2
    return None if at_kink else min(comparisons)
