"""The engine that stays in compiled code: one call trains as many batches as it is told, and answers arrays."""

import numba
import numpy as np
import scipy  # type: ignore[import-untyped]
from numpy.typing import NDArray

from deltarule.backprop.compiled.compiling import kernels_version
from deltarule.backprop.compiled.encoding import data_of, layers_of, rows_at_once, rules_of, vectors_of, work_of
from deltarule.backprop.compiled.plan import EPOCH, PROGRESS
from deltarule.backprop.compiled.training import train
from deltarule.backprop.engine import Problem, Stretch
from deltarule.backprop.state import Progress, State
from deltarule.backprop.versions import version_of


class CompiledEngine:
    """The same mathematics as `NumpyEngine`, in kernels that serve every architecture."""

    name = "compiled"

    def __init__(self, problem: Problem) -> None:
        self.version = version_of(self.name, kernels_version(), np.__version__, numba.__version__, scipy.__version__)
        rows = rows_at_once(problem)
        self._problem = problem
        self._rules = rules_of(problem)
        self._layers = layers_of(problem, rows)
        self._training = data_of(problem.training, problem)
        self._validation = data_of(problem.validation, problem)
        self._work = work_of(problem, rows, bool(self._rules["shuffled"][0]))

    def train(self, state: State, batches: int) -> Stretch:
        """As `Engine.train` says."""
        rows = self._completable(state.progress, batches)
        epochs, norms = np.empty(rows, EPOCH), np.empty((rows, len(self._layers)), np.float64)
        progress = np.array([tuple(getattr(state.progress, name) for name in PROGRESS.names or ())], PROGRESS)
        completed, samples = train(
            self._rules,
            self._layers,
            self._training,
            self._validation,
            self._work,
            vectors_of(state),
            progress,
            epochs,
            norms,
            batches,
        )
        _write_back(progress, state.progress)
        return _stretch(epochs[:completed], norms[:completed], samples)

    def _completable(self, progress: Progress, batches: int) -> int:
        """How many epochs so many batches can complete."""
        ahead = (progress.batch + batches) // self._problem.batches
        return max(min(ahead, self._problem.definition.training.epochs - progress.epoch), 0)


def _write_back(record: NDArray[np.void], progress: Progress) -> None:
    for name, value in zip(PROGRESS.names or (), record[0].tolist(), strict=True):
        setattr(progress, name, value)


def _stretch(epochs: NDArray[np.void], norms: NDArray[np.float64], samples: int) -> Stretch:
    return Stretch(
        numbers=epochs["number"],
        training_loss=epochs["training_loss"],
        validation_loss=epochs["validation_loss"],
        learning_rate=epochs["learning_rate"],
        gradient_norm=norms,
        samples=samples,
    )
