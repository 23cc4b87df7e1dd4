"""A network is looked at while it works on some rows: what its units do, what its outputs explain, how gradients run.

Some thousand rows tell as much as a million would, and cost less than an epoch.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.batches import Batches
from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import Problem
from deltarule.backprop.gradient import LossGradient, MeanLoss
from deltarule.backprop.network import rows_at_once
from deltarule.backprop.numerics import Array, euclidean_norm, unwatched
from deltarule.backprop.parameters import Layout, Parameters
from deltarule.backprop.samples import Samples
from deltarule.training.encoding import Rows

ROWS_LOOKED_AT = 2000
BATCHES_LOOKED_AT = 8

STEEPEST: dict[ActivationName, float] = {"sigmoid": 0.25, "tanh": 1.0, "softsign": 1.0}
"""The activations that flatten out to both sides, and their derivative at 0, where it is largest."""

FLAT = 0.05
"""Below this share of its largest value a derivative lets next to nothing pass; tanh is there from |z| = 2.18 on."""

ALMOST_ALL = 0.95
"""A unit that is flat on more rows than this share is saturated; one that is flat on some rows tells them apart."""


@dataclass(frozen=True, slots=True)
class Units:
    """What the units of a network do on some rows.

    Attributes:
        rows: how many.
        stuck: for each layer the units that no gradient passes: relu units that are 0 on all rows, and units of hidden
            layers of `STEEPEST` that are flat on almost all.
        explained: the share of the targets' variance that the outputs explain, at most 1; below 0 they are worse than
            the targets' mean. Targets that are all alike are explained by anything.
    """

    rows: int
    stuck: tuple[int, ...]
    explained: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Loss and gradient at one point of a training.

    Attributes:
        loss: the mean of some batches.
        norms: for each layer the mean over these batches of the norm of its loss gradient.
    """

    loss: float
    norms: tuple[float, ...]


def evenly_spread(samples: Samples, at_most: int = ROWS_LOOKED_AT) -> Samples:
    """At most so many of the samples, evenly spread over all of them."""
    count = min(len(samples), at_most)
    return samples.taken(np.arange(count) * len(samples) // count)


def look_at_units(definition: Definition, parameters: Parameters, samples: Samples) -> Units:
    """One forward pass.

    Args:
        definition: resolved.
        parameters: of its network.
        samples: as an engine takes them, see `samples.prepared`; all of them are looked at.
    """
    still = [np.zeros(layer.units, np.intp) for layer in parameters.layout.layers]
    left, seen = 0.0, 0
    with unwatched():
        for trace, losses in MeanLoss(definition, parameters.layout).passes(parameters, samples):
            for number, layer in enumerate(zip(trace.net_inputs, trace.activations, strict=True)):
                still[number] += _still(_kind(definition, number), *layer)
            left += _unexplained(samples.targets, trace.outputs, slice(seen, seen + len(losses)))
            seen += len(losses)
        variance = _variance(samples.targets)
    explained = 1 - left / variance if variance else 1.0
    return Units(len(samples), tuple(_stuck(definition, still, len(samples))), explained)


def look_at_slope(definition: Definition, parameters: Parameters, samples: Samples) -> Slope:
    """Forward and backward over the first batches, those that a training of the samples begins with.

    Batches, for the gradients of single rows are larger than that of all rows, in which they may even cancel out.

    Args:
        definition: resolved.
        parameters: of its network.
        samples: all that are trained on, as an engine takes them.
    """
    gradient = LossGradient(definition, parameters.layout)
    losses: list[float] = []
    norms: list[list[float]] = []
    with unwatched():
        for step, batch in enumerate(_first_batches(definition, parameters.layout, samples)):
            losses.append(gradient.forward(parameters, batch, step) / len(batch))
            gradient.backward(parameters, batch)
            norms.append([euclidean_norm(layer) for layer in gradient.gradient.layers])
        return Slope(sum(losses) / len(losses), tuple(np.mean(norms, axis=0).tolist()))


def _kind(definition: Definition, number: int) -> ActivationName | None:
    """The activation of a layer, if its units can be stuck; outputs that are sure of themselves are no illness."""
    layers = definition.network.layers
    activation = layers[number].activation
    hidden = number < len(layers) - 1
    return activation if activation == "relu" or (hidden and activation in STEEPEST) else None


def _still(kind: ActivationName | None, z: Array, a: Array) -> Rows:
    """On how many rows each unit passes no gradient on."""
    if kind is None:
        return np.zeros(a.shape[1], np.intp)
    if kind == "relu":
        flat = a == 0
    else:
        derivative = np.ones_like(a)
        ACTIVATIONS[kind].pull_back(z, a, derivative, np.empty_like(a))
        flat = derivative < FLAT * STEEPEST[kind]
    rows: Rows = flat.sum(axis=0, dtype=np.intp)
    return rows


def _stuck(definition: Definition, still: list[Rows], rows: int) -> Iterator[int]:
    for number, counts in enumerate(still):
        enough = rows if _kind(definition, number) == "relu" else math.floor(ALMOST_ALL * rows) + 1
        yield int(np.count_nonzero(counts >= enough))


def _variance(targets: Array) -> float:
    """Σ (t - mean)²; exactly 0 where all are alike, which their mean, being rounded, need not be."""
    distances = (targets - targets[0]).astype(np.float64)
    return float(np.square(distances - distances.mean(axis=0)).sum())


def _unexplained(targets: Array, outputs: Array, rows: slice) -> float:
    """Σ (t - y)² over some rows; outputs beyond all targets count as the farthest: a hinge loss wants them there."""
    nearest = outputs.clip(targets.min(axis=0), targets.max(axis=0))
    return float(np.square(targets[rows] - nearest, dtype=np.float64).sum())


def _first_batches(definition: Definition, layout: Layout, samples: Samples) -> Iterator[Samples]:
    """Those of the first epoch, in its order; of a batch too large for one pass a part."""
    problem, most = Problem(definition, layout, samples, None), rows_at_once(layout)
    if problem.batch_size > most:
        yield evenly_spread(samples, most)
        return
    batches = Batches(problem)
    for number in range(min(problem.batches, BATCHES_LOOKED_AT)):
        yield batches.take(0, number)
