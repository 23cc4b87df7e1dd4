"""The loss of a batch and its gradient by every parameter: one forward pass, one backward pass."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.network import (
    Trace,
    Workspace,
    activations_of,
    backward,
    forward_into,
    forward_with_dropout,
    new_trace,
    rows_at_once,
)
from deltarule.backprop.numerics import Array
from deltarule.backprop.output_losses import output_loss
from deltarule.backprop.paging import stretches
from deltarule.backprop.parameters import Layout, Parameters
from deltarule.backprop.resolution import resolved
from deltarule.backprop.samples import Samples


class LossGradient:
    """Computes a resolved definition's loss over a batch and its gradient, regularization apart.

    Attributes:
        gradient: of the batch's mean loss, by every parameter; written again by each call of `backward`.
    """

    def __init__(self, definition: Definition, layout: Layout) -> None:
        layers = definition.network.layers
        self.gradient = Parameters(layout)
        self._activations = activations_of(definition.network)
        self._loss = output_loss(definition.loss.name, resolved(layers[-1].activation))
        self._dropout = tuple(layer.dropout for layer in layers)
        self._seed = definition.training.seed
        self._workspaces: dict[int, Workspace] = {}

    def workspace(self, rows: int) -> Workspace:
        """The arrays for batches of so many rows: what stands between inputs and loss, after a call."""
        if rows not in self._workspaces:
            self._workspaces[rows] = Workspace(self.gradient.layout, self._dropout, rows)
        return self._workspaces[rows]

    def forward(self, parameters: Parameters, batch: Samples, step: int) -> float:
        """The batch's loss, Σ w l over its samples; `step` (from 0) settles what dropout drops."""
        work = self.workspace(len(batch))
        work.draw_masks(self._seed, step)
        forward_with_dropout(work, self._activations, parameters, batch.inputs)
        losses = self._loss.value(work.trace.net_inputs[-1], work.trace.outputs, batch.targets)
        return _sum(_weighted(losses, batch.weights))

    def backward(self, parameters: Parameters, batch: Samples) -> None:
        """Fills `gradient` for the batch of the last `forward`: the deltas of its mean loss, passed down."""
        work = self.workspace(len(batch))
        shares: float | Array = 1 / len(batch)
        if batch.weights is not None:
            shares = (batch.weights * shares)[:, np.newaxis]
        deltas = self._loss.delta(work.trace.net_inputs[-1], work.trace.outputs, batch.targets)
        np.multiply(deltas, shares, out=work.deltas[-1])
        backward(work, self._activations, parameters, batch.inputs, self.gradient)


class MeanLoss:
    """Measures a resolved definition's loss over samples of any number, without dropout and regularization."""

    def __init__(self, definition: Definition, layout: Layout) -> None:
        self._activations = activations_of(definition.network)
        self._loss = output_loss(definition.loss.name, resolved(definition.network.layers[-1].activation))
        self._layout, self._rows = layout, rows_at_once(layout)

    def __call__(self, parameters: Parameters, samples: Samples) -> float:
        """Σ w l / n."""
        return sum(_sum(losses) for _, losses in self.passes(parameters, samples)) / len(samples)

    def passes(self, parameters: Parameters, samples: Samples) -> Iterator[tuple[Trace, Array]]:
        """The forward pass, some rows at a time: what stood in the layers, and w l of each row.

        The next pass writes over the trace.
        """
        for rows in stretches(len(samples), self._rows):
            part = samples.part(rows)
            yield self._pass(parameters, part)
            part.forget()

    @cached_property
    def _trace(self) -> Trace:
        """Room that a training without validation samples never asks for."""
        return new_trace(self._layout, self._rows)

    def _pass(self, parameters: Parameters, part: Samples) -> tuple[Trace, Array]:
        trace = self._trace.first(len(part))
        forward_into(trace, self._activations, parameters, part.inputs)
        losses = self._loss.value(trace.net_inputs[-1], trace.outputs, part.targets)
        return trace, _weighted(losses, part.weights)


def _weighted(losses: Array, weights: Array | None) -> Array:
    return losses if weights is None else losses * weights


def _sum(losses: Array) -> float:
    """Added up in float64, whatever the network's dtype."""
    return float(np.sum(losses, dtype=np.float64))
