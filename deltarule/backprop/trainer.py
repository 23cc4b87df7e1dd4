"""A training that belongs to its caller: it goes as far as it is told, can be asked, saved and taken up again.

Cancelling, deadlines, progress bars and history are the caller's `for` loop; the trainer knows no clock.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from deltarule.backprop import checkpoint
from deltarule.backprop.definition import Definition
from deltarule.backprop.divergence import Divergence, divergence_of
from deltarule.backprop.engine import EngineMaker, Problem, Stretch
from deltarule.backprop.errors import StateError
from deltarule.backprop.numerics import Array, all_finite
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.parameters import Layout, Parameters, initial_parameters, layout
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.state import Stop, initial_state
from deltarule.backprop.watching import effective_early_stopping

__all__ = ["Advance", "Divergence", "Epoch", "Samples", "StopReason", "Trainer", "epochs"]

StopReason = Literal["epochs_done", "early_stopping", "diverged"]

_REASONS: dict[int, StopReason] = {
    Stop.EPOCHS_DONE: "epochs_done",
    Stop.EARLY_STOPPING: "early_stopping",
    Stop.DIVERGED: "diverged",
}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One completed epoch.

    Attributes:
        number: from 1.
        training_loss: mean over its samples of the loss in the batch they were in, before that batch's update.
        validation_loss: after the epoch; None without validation samples.
        learning_rate: of all its steps.
        gradient_norm: for each layer the mean over its batches of the Euclidean norm of the layer's loss gradient,
            weights and biases together, before regularization and clipping.
    """

    number: int
    training_loss: float
    validation_loss: float | None
    learning_rate: float
    gradient_norm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Advance:
    """What one call did: epochs completed in it, where it ended (epochs done, batches of the next), samples taken."""

    epochs: tuple[Epoch, ...]
    epoch: int
    batch: int
    samples: int


class Trainer:
    """One training of one definition on one set of samples.

    Attributes:
        definition: as given, resolved.
        engine: the name of what trains.
        engine_version: of everything that the last bit depends on: kernels, libraries, kind of processor.
        restored_from_other_version: whether the state that was restored comes from another version; training goes on
            from it, though not with the bits that it would have had there.
    """

    def __init__(
        self,
        definition: Definition,
        training: Samples,
        validation: Samples | None = None,
        start: Parameters | None = None,
        engine: EngineMaker = NumpyEngine,
    ) -> None:
        """A training before its first step.

        Args:
            definition: resolved for the samples' columns.
            training: what the parameters are fitted to.
            validation: what the validation loss is measured on.
            start: parameters to go on from; otherwise those given in the definition, or its initializers'.
            engine: what trains.

        Raises:
            SamplesError: samples that this definition can't learn from.
            ValueError: a definition that is not resolved, or a start of another shape.
        """
        shape = layout(definition.network, training.columns)
        self.definition = definition
        self._problem = Problem(
            definition,
            shape,
            prepared(training, definition, shape),
            prepared(validation, definition, shape) if validation is not None else None,
        )
        self._engine = engine(self._problem)
        self._state = initial_state(definition, _start(definition, shape, start))
        self.engine, self.engine_version = self._engine.name, self._engine.version
        self.restored_from_other_version = False

    @property
    def batches_per_epoch(self) -> int:
        """How many batches an epoch has."""
        return self._problem.batches

    @property
    def parameters(self) -> Parameters:
        """The current parameters (a copy); after a divergence those of the last completed epoch."""
        usable = self._state.progress.stop != Stop.DIVERGED and all_finite(self._state.parameters)
        return self._copy(self._state.parameters if usable else self._state.last)

    @property
    def best(self) -> Parameters:
        """The parameters after `best_epoch` (a copy)."""
        return self._copy(self._state.best)

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest loss: the one early stopping monitors, else validation, else training; 0 for none."""
        return self._state.progress.best_epoch

    @property
    def result(self) -> Parameters:
        """What the training has come to, always finite: the best where it is to be restored, else the current ones."""
        rule = effective_early_stopping(self.definition, self._problem.validation is not None)
        return self.best if rule is not None and rule.restore_best and self.best_epoch else self.parameters

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self._state.progress.stop != Stop.GOING_ON

    @property
    def stop_reason(self) -> StopReason | None:
        """Why it is finished; None while it is not."""
        return _REASONS.get(self._state.progress.stop)

    @property
    def diverged(self) -> Divergence | None:
        """Where it diverged; None when it has not."""
        if self._state.progress.stop != Stop.DIVERGED:
            return None
        return divergence_of(self._problem, self._state)

    def advance(self, batches: int) -> Advance:
        """Trains at most so many batches; it may end amid an epoch, and goes on exactly there the next time.

        Raises:
            ValueError: not even one batch was asked for.
        """
        if batches < 1:
            raise ValueError(f"A training advances by at least one batch, not by {batches}.")
        stretch = self._engine.train(self._state, batches)
        progress = self._state.progress
        return Advance(tuple(_epochs(stretch)), progress.epoch, progress.batch, stretch.samples)

    def state(self) -> bytes:
        """Everything that `restore` needs to go on, with the same bits where the engine is of the same version."""
        return checkpoint.to_bytes(self._state, self._fingerprint, self.engine_version)

    def restore(self, state: bytes) -> None:
        """Goes back, or forward, to a state that `state` answered for the same definition and data.

        Raises:
            StateError: the bytes are damaged, or belong to another training; nothing has changed then.
        """
        restored, version = checkpoint.from_bytes(state, self._fingerprint)
        for name in checkpoint.ARRAYS:
            old, new = getattr(self._state, name), getattr(restored, name)
            if old.shape != new.shape or old.dtype != new.dtype:
                raise StateError(f"This training state has {name} of another shape.")
        self._state = restored
        self.restored_from_other_version = version != self.engine_version

    @cached_property
    def _fingerprint(self) -> str:
        return checkpoint.fingerprint(self._problem)

    def _copy(self, vector: Array) -> Parameters:
        return Parameters(self._problem.layout, vector.copy())


def epochs(trainer: Trainer) -> Iterator[Epoch]:
    """Trains to the end, epoch by epoch."""
    while not trainer.finished:
        yield from trainer.advance(trainer.batches_per_epoch).epochs


def _start(definition: Definition, shape: Layout, start: Parameters | None) -> Parameters:
    if start is None:
        return initial_parameters(definition.network, shape.inputs, definition.training.seed)
    if start.layout != shape:
        raise ValueError("The parameters to start from have another layout than the definition's network.")
    return start


def _epochs(stretch: Stretch) -> Iterator[Epoch]:
    losses, validation_losses = stretch.training_loss.tolist(), stretch.validation_loss.tolist()
    rates, norms = stretch.learning_rate.tolist(), stretch.gradient_norm.tolist()
    for row, number in enumerate(stretch.numbers.tolist()):
        validated = None if math.isnan(validation_losses[row]) else validation_losses[row]
        yield Epoch(number, losses[row], validated, rates[row], tuple(norms[row]))
