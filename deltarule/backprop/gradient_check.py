"""Backpropagation against the definition of the derivative: both numbers, and how far they are apart."""

from dataclasses import dataclass

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.gradient import LossGradient
from deltarule.backprop.numerics import Array, unwatched
from deltarule.backprop.parameters import Layout, Parameters, initial_parameters, layout
from deltarule.backprop.regularization import penalize, penalty
from deltarule.backprop.samples import Samples, prepared

STEP = float(np.cbrt(np.finfo(np.float64).eps))
"""How far a parameter is moved, at least and relative to it: rounding and curvature then weigh alike."""

NOISE = 1e-4
"""Derivatives below this share of the loss itself drown in its rounding, and count as this large."""

KINK = 1e-3
"""Slopes to both sides that differ by more than this share belong to a kink, not to a curve."""


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The parameter where both derivatives are farthest apart, relative to the larger one.

    Attributes:
        relative_difference: the largest found.
        parameter: its parameter's number in the flat vector.
        backpropagated: the derivative that backpropagation gives.
        numerical: the derivative by central difference.
        checked: how many parameters were looked at.
    """

    relative_difference: float
    parameter: int
    backpropagated: float
    numerical: float
    checked: int


def check(
    definition: Definition, samples: Samples, parameters: Parameters | None = None, at_most: int = 2000
) -> GradientCheck:
    """Checks the gradient of the mean loss with its penalties, in float64, for one batch of all samples.

    Where the loss has a kink (a relu at 0, an absolute error of 0) every number between the slopes to both sides is
    right. What dropout drops stays the same throughout.

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
        checks = (_compare(objective, int(number), float(gradient[number]), loss) for number in numbers)
        worst = max(checks, key=lambda one: (np.isnan(one[0]), one[0]))
    return GradientCheck(*worst, checked=len(numbers))


def in_double(definition: Definition) -> Definition:
    """The same definition for a network in float64."""
    return definition.model_copy(update={"network": definition.network.model_copy(update={"dtype": "float64"})})


def parameters_in_double(definition: Definition, shape: Layout, parameters: Parameters | None) -> Parameters:
    """The parameters in float64, a copy; those that training would start from where there are none."""
    if parameters is None:
        return initial_parameters(definition.network, shape.inputs, definition.training.seed)
    return Parameters(shape, parameters.vector.astype(np.float64))


class _Objective:
    """The batch's mean loss and penalties as a function of the flat vector."""

    def __init__(self, definition: Definition, samples: Samples, parameters: Parameters | None) -> None:
        shape = layout(definition.network, samples.inputs.shape[1])
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

    def step(self, number: int) -> float:
        return STEP * max(1.0, abs(float(self._parameters.vector[number])))


def _compare(objective: _Objective, number: int, backpropagated: float, loss: float) -> tuple[float, int, float, float]:
    """(relative difference, number, backpropagated, numerical)."""
    step = objective.step(number)
    above, below = objective.moved(number, step), objective.moved(number, -step)
    numerical = (above - below) / (2 * step)
    if abs(above - loss - (loss - below)) > KINK * max(abs(above - loss), abs(loss - below)):
        numerical = _nearest_slope(objective, number, backpropagated, loss)
    scale = max(abs(backpropagated), abs(numerical), NOISE * abs(loss), float(np.finfo(np.float64).tiny))
    return abs(backpropagated - numerical) / scale, number, backpropagated, numerical


def _nearest_slope(objective: _Objective, number: int, backpropagated: float, loss: float) -> float:
    """The number between the slopes to both sides that is nearest; each slope is exact for a parabola."""
    slopes = []
    for step in (objective.step(number), -objective.step(number)):
        near, far = objective.moved(number, step), objective.moved(number, 2 * step)
        slopes.append((4 * near - far - 3 * loss) / (2 * step))
    return min(max(backpropagated, min(slopes)), max(slopes))
