"""One backpropagation step with every number of it, as one would do it on paper."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from deltarule.backprop.architecture import ActivationName, Layer, LossName
from deltarule.backprop.definition import Definition, Optimizer
from deltarule.backprop.descent import Descent
from deltarule.backprop.errors import NotFiniteError, SamplesError
from deltarule.backprop.gradient import LossGradient
from deltarule.backprop.gradient_check import check, in_double, parameters_in_double
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.network import Trace, Workspace
from deltarule.backprop.numerics import Array, all_finite, euclidean_norm, unwatched
from deltarule.backprop.output_losses import output_loss
from deltarule.backprop.parameters import Parameters, layout
from deltarule.backprop.record import Matrix, Record, Vector
from deltarule.backprop.resolution import resolved
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.schedules import learning_rate
from deltarule.backprop.state import initial_state


class LayerStart(Record):
    """One layer as the step finds it, in the form in which a network is posted."""

    units: int
    activation: ActivationName
    bias: bool
    weights: Matrix
    biases: Vector | None


class LayerForward(Record):
    """One layer on the way forward, n × units: net inputs z and activations a."""

    net_inputs: Matrix
    activations: Matrix


class LayerBackward(Record):
    """One layer on the way back.

    `deltas` and `activation_gradients` (n × units) are the derivatives of each sample's own loss by its z and by its a;
    the latter is null where a saturated output leaves float64's range, while the delta, taken from z, does not. The
    gradients (units × fan-in and units) are means over the batch, `gradient_norm` is the Euclidean norm of both
    together, `delta_norm` that of all the deltas of the batch.
    """

    activation_gradients: Matrix | None
    deltas: Matrix
    delta_norm: float
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
    """One step, layer by layer from the input side.

    Attributes:
        inputs: n × d, as the first layer sees them.
        targets: n × outputs, as the outputs are compared with them.
        layers: where the step starts.
        loss_name: by which formula each sample has its loss.
        sample_losses: the loss of each sample, n; `loss` is their mean.
        learning_rate: of this step.
        gradient_check: the largest relative difference from central differences; null when none of the parameters could
            be compared, because the loss has a kink at every one of them.
        gradients_checked: how many parameters were compared.
        gradients_at_kinks: how many were left out because the loss has no derivative by them here.
    """

    inputs: Matrix
    targets: Matrix
    layers: tuple[LayerStart, ...]
    forward: tuple[LayerForward, ...]
    loss_name: LossName
    sample_losses: Vector
    loss: float
    backward: tuple[LayerBackward, ...]
    optimizer: Optimizer
    learning_rate: float
    update: tuple[LayerUpdate, ...]
    after: After
    gradient_check: float | None
    gradients_checked: int
    gradients_at_kinks: int


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
    step, rows, rate = LossGradient(definition, start.layout), len(batch), _rate(definition)
    loss = step.forward(start, batch, step=0) / rows
    step.backward(start, batch)
    work = step.workspace(rows)
    forward = tuple(map(_layer_forward, work.trace.net_inputs, work.trace.activations))
    sample_losses = _vector(_sample_losses(definition, work.trace, batch.targets))
    backward = tuple(_backward(definition, batch, start, work, step.gradient))
    moved = _moved(definition, start, step.gradient, rate)
    loss_after = step.forward(moved, batch, step=0) / rows
    checked = check(definition, batch, start)
    return Explanation(
        inputs=_matrix(batch.inputs),
        targets=_matrix(batch.targets),
        layers=tuple(map(_layer_start, definition.network.layers, start.weights, start.biases)),
        forward=forward,
        loss_name=definition.loss.name,
        sample_losses=sample_losses or (),
        loss=_number(loss),
        backward=backward,
        optimizer=definition.optimizer,
        learning_rate=rate,
        update=tuple(map(_layer_update, moved.weights, moved.biases)),
        after=After(outputs=_matrix(work.trace.outputs), loss=_number(loss_after)),
        gradient_check=_number(checked.relative_difference) if checked.checked else None,
        gradients_checked=checked.checked,
        gradients_at_kinks=checked.at_kinks,
    )


def _rows(values: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise SamplesError(f"{name} must be rows of numbers, all of the same length.") from error


def _without_dropout(definition: Definition) -> Definition:
    layers = tuple(layer.model_copy(update={"dropout": 0.0}) for layer in definition.network.layers)
    return definition.model_copy(update={"network": definition.network.model_copy(update={"layers": layers})})


def _rate(definition: Definition) -> float:
    return learning_rate(definition.schedule, definition.optimizer.learning_rate, 0, definition.training.epochs)


def _moved(definition: Definition, start: Parameters, gradient: Parameters, rate: float) -> Parameters:
    """The parameters after the optimizer's first step; the gradient is used up."""
    state, moved = initial_state(definition, start), start.copy()
    state.progress.step = 1
    Descent(definition, start.layout).step(moved, gradient, state, rate)
    return moved


def _sample_losses(definition: Definition, trace: Trace, targets: Array) -> Array:
    of_outputs = output_loss(definition.loss.name, resolved(definition.network.layers[-1].activation))
    return of_outputs.value(trace.net_inputs[-1], trace.outputs, targets)


def _backward(
    definition: Definition, batch: Samples, start: Parameters, work: Workspace, gradient: Parameters
) -> Iterator[LayerBackward]:
    """Each layer, from the input side; what the workspace has of the mean loss is told for each sample by itself."""
    deltas = tuple(delta * len(batch) for delta in work.deltas)
    by_outputs = LOSSES[definition.loss.name].gradient(work.trace.outputs, batch.targets) + 0.0  # for no -0
    above = zip(deltas[1:], start.weights[1:], strict=True)
    by_activations = (*(delta @ weights for delta, weights in above), by_outputs)
    for number, (delta, by_activation) in enumerate(zip(deltas, by_activations, strict=True)):
        yield LayerBackward(
            activation_gradients=_matrix(by_activation) if all_finite(by_activation) else None,
            deltas=_matrix(delta),
            delta_norm=_number(euclidean_norm(delta.ravel())),
            weight_gradients=_matrix(gradient.weights[number]),
            bias_gradients=_vector(gradient.biases[number]),
            gradient_norm=_number(euclidean_norm(gradient.layers[number])),
        )


def _layer_start(layer: Layer, weights: Array, biases: Array | None) -> LayerStart:
    return LayerStart(
        units=len(weights),
        activation=resolved(layer.activation),
        bias=biases is not None,
        weights=_matrix(weights),
        biases=_vector(biases),
    )


def _layer_forward(net_inputs: Array, activations: Array) -> LayerForward:
    return LayerForward(net_inputs=_matrix(net_inputs), activations=_matrix(activations))


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
