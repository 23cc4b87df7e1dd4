"""Where a training left the range of floating-point numbers, and what its author can do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import Problem
from deltarule.backprop.gradient import MeanLoss
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.network import Trace
from deltarule.backprop.numerics import Array, all_finite, unwatched
from deltarule.backprop.parameters import Parameters
from deltarule.backprop.state import State


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a training left the range of floating-point numbers: epoch and layer, both from 1, and a sentence on it."""

    epoch: int
    layer: int
    sentence: str


def divergence_of(problem: Problem, state: State) -> Divergence:
    """What became of a training whose state has diverged."""
    epoch, layer = state.progress.epoch + 1, state.progress.diverged_layer + 1
    definition = problem.definition
    layers = definition.network.layers
    place = f"layer {layer} of {len(layers)} ({layers[layer - 1].activation})"
    words = (
        _certainly_wrong(definition, place) if _is_certainly_wrong(problem, state) else _too_large(definition, place)
    )
    return Divergence(epoch, layer, f"The training diverged in epoch {epoch}: {words}")


def layer_of_parameters(parameters: Parameters) -> int | None:
    """The first layer, from 0, with a weight or bias that is not finite."""
    return next((number for number, layer in enumerate(parameters.layers) if not all_finite(layer)), None)


def layer_of_trace(trace: Trace) -> int | None:
    """The first layer, from 0, with a net input or activation that is not finite."""
    layers = zip(trace.net_inputs, trace.activations, strict=True)
    return next((number for number, layer in enumerate(layers) if not all(map(all_finite, layer))), None)


def layer_of_traces(traces: Iterable[Trace]) -> int | None:
    """The first such layer of them all."""
    return min((layer for layer in map(layer_of_trace, traces) if layer is not None), default=None)


def _too_large(definition: Definition, place: str) -> str:
    return (
        f"numbers too large for {definition.network.dtype} were first seen in {place}. Lower the learning rate, "
        "standardize inputs and targets, or bound the gradient with max_gradient_norm."
    )


def _certainly_wrong(definition: Definition, place: str) -> str:
    loss = definition.loss.name
    return (
        f"{loss} became infinite in {place}, whose net inputs are finite: an output is exactly 0 or 1, and the target "
        f"is not. Give the output layer another activation ({LOSSES[loss].activation} is the one that {loss} is made "
        "for; a softmax of one unit is always 1), or choose another loss."
    )


def _is_certainly_wrong(problem: Problem, state: State) -> bool:
    """Whether the loss is infinite because of a logarithm of 0, and not because of a number that is too large."""
    last = len(problem.layout.layers) - 1
    has_logarithm = LOSSES[problem.definition.loss.name].outputs.low == 0
    if not has_logarithm or state.progress.diverged_layer != last or not all_finite(state.parameters):
        return False
    parameters = Parameters(problem.layout, state.parameters)
    measure = MeanLoss(problem.definition, problem.layout)
    measured = (samples for samples in (problem.training, problem.validation) if samples is not None)
    with unwatched():
        passes = (one for samples in measured for one in measure.passes(parameters, samples))
        return any(_has_certain_loss(trace, losses) for trace, losses in passes)


def _has_certain_loss(trace: Trace, losses: Array) -> bool:
    """Whether a sample has an infinite loss, finite net inputs, and an output of exactly 0 or 1."""
    finite = np.isfinite(trace.net_inputs[-1]).all(axis=1)
    certain = ((trace.outputs == 0) | (trace.outputs == 1)).any(axis=1)
    return bool((finite & certain & ~np.isfinite(losses)).any())
