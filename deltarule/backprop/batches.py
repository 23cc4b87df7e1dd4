"""The rows of an epoch in their order, batch after batch, gathered into arrays that are made once."""

import numpy as np

from deltarule.backprop.engine import Problem
from deltarule.backprop.numerics import Array, Indices
from deltarule.backprop.ordering import Window, window
from deltarule.backprop.paging import mapping_of
from deltarule.backprop.samples import Samples


class Batches:
    """The batches of a problem's training samples.

    One batch of all rows is taken in the order of the data: shuffling would change nothing but the last bits of a sum.
    """

    def __init__(self, problem: Problem) -> None:
        self._samples, self._plan = problem.training, problem.definition.training
        self._size = problem.batch_size
        self._shuffled = self._plan.shuffle and self._size < len(self._samples)
        self._mapped = mapping_of(self._samples.inputs) is not None
        self._last: Samples | None = None
        self._window: Window | None = None
        if self._shuffled:
            self._inputs, self._targets = self._room(self._samples.inputs), self._room(self._samples.targets)
            self._weights = None if self._samples.weights is None else self._room(self._samples.weights)

    def take(self, epoch: int, batch: int) -> Samples:
        """A batch (from 0) of an epoch (from 0); its arrays are written again by the next call."""
        rows = slice(batch * self._size, min((batch + 1) * self._size, len(self._samples)))
        return self._gather(self._rows(epoch, rows.start, rows.stop)) if self._shuffled else self._slice(rows)

    def _room(self, values: Array) -> Array:
        return np.empty((self._size, *values.shape[1:]), values.dtype)

    def _rows(self, epoch: int, start: int, stop: int) -> Indices:
        """The rows at these positions of an epoch: a slice of one window, or pieces of several."""
        held = self._held(epoch, start)
        if stop <= held.stop:
            return held.rows[start - held.start : stop - held.start]
        pieces = [held.rows[start - held.start :]]
        while held.stop < stop:
            held = self._held(epoch, held.stop)
            pieces.append(held.rows[: stop - held.start])
        return np.concatenate(pieces)

    def _held(self, epoch: int, position: int) -> Window:
        """The window around a position; the blocks of the one before are let go."""
        if self._window is None or not self._window.holds(epoch, position):
            self._forget(self._window)
            self._window = window(self._plan, len(self._samples), epoch, position)
        return self._window

    def _forget(self, window: Window | None) -> None:
        if window is None or not self._mapped:
            return
        size = self._plan.shuffle_block or len(self._samples)
        for block in window.blocks if window.blocks.size else [0]:
            self._samples.part(slice(block * size, (block + 1) * size)).forget()

    def _slice(self, rows: slice) -> Samples:
        if self._last is not None and self._mapped:
            self._last.forget()
        self._last = self._samples.part(rows)
        return self._last

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
