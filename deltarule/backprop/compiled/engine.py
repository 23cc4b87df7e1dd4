"""The engine that stays in compiled code: one call trains as many batches as it is told, and answers arrays."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.compiled.encoding import data_of, layers_of, rows_at_once, rules_of, vectors_of, work_of
from deltarule.backprop.compiled.plan import Records
from deltarule.backprop.compiled.training import train
from deltarule.backprop.engine import Problem, Stretch
from deltarule.backprop.state import Progress, State

_PROGRESS = np.dtype([(one.name, np.float64 if one.type is float else np.int64) for one in fields(Progress)])


class CompiledEngine:
    """The same mathematics as `NumpyEngine`, in kernels that serve every architecture."""

    name = "compiled"

    def __init__(self, problem: Problem) -> None:
        rows = rows_at_once(problem)
        self._rules = rules_of(problem)
        self._layers = layers_of(problem, rows)
        self._training = data_of(problem.training, problem)
        self._validation = data_of(problem.validation, problem)
        self._work = work_of(problem, rows, self._rules.shuffled)
        self._progress = np.zeros(1, _PROGRESS)

    def train(self, state: State, batches: int) -> Stretch:
        """As `Engine.train` says."""
        records = self._records(state, batches)
        self._progress[0] = tuple(getattr(state.progress, name) for name in _PROGRESS.names or ())
        completed, samples = train(
            self._rules,
            self._layers,
            self._training,
            self._validation,
            self._work,
            vectors_of(state),
            self._progress,
            records,
            batches,
        )
        _write_back(self._progress, state.progress)
        return Stretch(*(column[:completed] for column in records), samples=samples)

    def _records(self, state: State, batches: int) -> Records:
        """Room for as many epochs as can be completed in so many batches."""
        progress = state.progress
        ahead = (progress.batch + batches) // self._rules.batches
        rows = max(min(ahead, self._rules.epochs - progress.epoch), 0)
        losses = (np.empty(rows, np.float64) for _ in range(3))
        return Records(np.empty(rows, np.int64), *losses, np.empty((rows, state.norms.size), np.float64))


def _write_back(record: NDArray[np.void], progress: Progress) -> None:
    for name, value in zip(_PROGRESS.names or (), record[0].tolist(), strict=True):
        setattr(progress, name, value)
