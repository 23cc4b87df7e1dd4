"""The rows of an epoch in their order, batch after batch, gathered into arrays that are made once."""

import numpy as np

from deltarule.backprop.engine import Problem
from deltarule.backprop.numerics import Array, Indices
from deltarule.backprop.randomness import order_of_rows
from deltarule.backprop.samples import Samples


class Batches:
    """The batches of a problem's training samples.

    One batch of all rows is taken in the order of the data: shuffling would change nothing but the last bits of a sum.
    """

    def __init__(self, problem: Problem) -> None:
        self._samples, self._plan = problem.training, problem.definition.training
        self._size = problem.batch_size
        self._shuffled = self._plan.shuffle and self._size < len(self._samples)
        self._order: Indices | None = None
        self._epoch = -1
        if self._shuffled:
            self._inputs, self._targets = self._room(self._samples.inputs), self._room(self._samples.targets)
            self._weights = None if self._samples.weights is None else self._room(self._samples.weights)

    def take(self, epoch: int, batch: int) -> Samples:
        """A batch (from 0) of an epoch (from 0); its arrays are written again by the next call."""
        start, stop = batch * self._size, min((batch + 1) * self._size, len(self._samples))
        return self._gather(self._rows(epoch)[start:stop]) if self._shuffled else self._slice(start, stop)

    def _room(self, values: Array) -> Array:
        return np.empty((self._size, *values.shape[1:]), values.dtype)

    def _rows(self, epoch: int) -> Indices:
        if self._order is None or self._epoch != epoch:
            self._order, self._epoch = order_of_rows(self._plan.seed, epoch, len(self._samples)), epoch
        return self._order

    def _slice(self, start: int, stop: int) -> Samples:
        weights = self._samples.weights
        return Samples(
            self._samples.inputs[start:stop],
            self._samples.targets[start:stop],
            None if weights is None else weights[start:stop],
        )

    def _gather(self, rows: Indices) -> Samples:
        weights = None
        if self._samples.weights is not None and self._weights is not None:
            weights = _take(self._samples.weights, rows, self._weights)
        return Samples(
            _take(self._samples.inputs, rows, self._inputs),
            _take(self._samples.targets, rows, self._targets),
            weights,
        )


def _take(values: Array, rows: Indices, room: Array) -> Array:
    """The rows of `values`, in `room`; mode "clip" because the default mode would gather into a copy first."""
    return values.take(rows, axis=0, out=room[: len(rows)], mode="clip")
