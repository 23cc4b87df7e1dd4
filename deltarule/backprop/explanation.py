"""One backpropagation step with every number of it, as one would do it on paper."""

import numpy as np
from numpy.typing import ArrayLike

from deltarule.backprop.definition import Definition
from deltarule.backprop.descent import Descent
from deltarule.backprop.errors import NotFiniteError, SamplesError
from deltarule.backprop.gradient import LossGradient
from deltarule.backprop.gradient_check import check, in_double, parameters_in_double
from deltarule.backprop.numerics import Array, all_finite, euclidean_norm, unwatched
from deltarule.backprop.parameters import Parameters, layout
from deltarule.backprop.record import Matrix, Record, Vector
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.schedules import learning_rate
from deltarule.backprop.state import initial_state


class LayerForward(Record):
    """One layer on the way forward, n × units: net inputs z and activations a."""

    net_inputs: Matrix
    activations: Matrix


class LayerBackward(Record):
    """One layer on the way back.

    `deltas` (n × units) are the derivatives of each sample's own loss by its z; the gradients (units × fan-in and
    units) are means over the batch, and `gradient_norm` is the Euclidean norm of both together.
    """

    deltas: Matrix
    weight_gradients: Matrix
    bias_gradients: Vector | None
    gradient_norm: float


class LayerUpdate(Record):
    """One layer after the optimizer's step."""

    weights: Matrix
    biases: Vector | None


class After(Record):
    """What the batch gives after the step: outputs (n × outputs) and mean loss."""

    outputs: Matrix
    loss: float


class Explanation(Record):
    """One step, layer by layer from the input side; `gradient_check` as `gradient_check.check` has it."""

    forward: tuple[LayerForward, ...]
    loss: float
    backward: tuple[LayerBackward, ...]
    update: tuple[LayerUpdate, ...]
    after: After
    gradient_check: float


def explain(
    definition: Definition, inputs: ArrayLike, targets: ArrayLike, parameters: Parameters | None = None
) -> Explanation:
    """The optimizer's first step on one batch, in float64 and without dropout.

    Args:
        definition: resolved.
        inputs: n × d.
        targets: n × k.
        parameters: where the step starts; otherwise what the definition gives, and its initializers.

    Raises:
        SamplesError: inputs or targets that the definition can't take.
        NotFiniteError: numbers too large to go on with.
    """
    definition = _without_dropout(in_double(definition))
    given = Samples(_rows(inputs, "inputs"), _rows(targets, "targets"))
    shape = layout(definition.network, given.columns)
    batch, start = prepared(given, definition, shape), parameters_in_double(definition, shape, parameters)
    with unwatched():
        return _explain(definition, batch, start)


def _explain(definition: Definition, batch: Samples, start: Parameters) -> Explanation:
    step, rows = LossGradient(definition, start.layout), len(batch)
    loss = step.forward(start, batch, step=0) / rows
    step.backward(start, batch)
    work = step.workspace(rows)
    forward = tuple(map(_layer_forward, work.trace.net_inputs, work.trace.activations))
    backward = tuple(_layer_backward(step.gradient, number, delta * rows) for number, delta in enumerate(work.deltas))
    moved = _moved(definition, start, step.gradient)
    loss_after = step.forward(moved, batch, step=0) / rows
    return Explanation(
        forward=forward,
        loss=_number(loss),
        backward=backward,
        update=tuple(map(_layer_update, moved.weights, moved.biases)),
        after=After(outputs=_matrix(work.trace.outputs), loss=_number(loss_after)),
        gradient_check=_number(check(definition, batch, start).relative_difference),
    )


def _rows(values: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise SamplesError(f"{name} must be rows of numbers, all of the same length.") from error


def _without_dropout(definition: Definition) -> Definition:
    layers = tuple(layer.model_copy(update={"dropout": 0.0}) for layer in definition.network.layers)
    return definition.model_copy(update={"network": definition.network.model_copy(update={"layers": layers})})


def _moved(definition: Definition, start: Parameters, gradient: Parameters) -> Parameters:
    """The parameters after the optimizer's first step; the gradient is used up."""
    state, moved = initial_state(definition, start), start.copy()
    state.progress.step = 1
    rate = learning_rate(definition.schedule, definition.optimizer.learning_rate, 0, definition.training.epochs)
    Descent(definition, start.layout).step(moved, gradient, state, rate)
    return moved


def _layer_forward(net_inputs: Array, activations: Array) -> LayerForward:
    return LayerForward(net_inputs=_matrix(net_inputs), activations=_matrix(activations))


def _layer_backward(gradient: Parameters, number: int, deltas: Array) -> LayerBackward:
    return LayerBackward(
        deltas=_matrix(deltas),
        weight_gradients=_matrix(gradient.weights[number]),
        bias_gradients=_vector(gradient.biases[number]),
        gradient_norm=_number(euclidean_norm(gradient.layers[number])),
    )


def _layer_update(weights: Array, biases: Array | None) -> LayerUpdate:
    return LayerUpdate(weights=_matrix(weights), biases=_vector(biases))


def _matrix(values: Array) -> Matrix:
    return tuple(tuple(row) for row in _checked(values).tolist())


def _vector(values: Array | None) -> Vector | None:
    return None if values is None else tuple(_checked(values).tolist())


def _number(value: float) -> float:
    return float(_checked(np.array(value)))


def _checked(values: Array) -> Array:
    if not all_finite(values):
        raise NotFiniteError(
            "This step leaves float64's range: take smaller inputs, targets, weights or learning rate."
        )
    return values
