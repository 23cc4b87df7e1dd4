"""Training in plain NumPy: a batch is taken, passed forward and backward, and the optimizer takes its step."""

import math

import numpy as np

from deltarule.backprop.batches import Batches
from deltarule.backprop.descent import Descent
from deltarule.backprop.divergence import layer_of_parameters, layer_of_trace, layer_of_traces
from deltarule.backprop.engine import EpochNumbers, Problem, Stretch
from deltarule.backprop.gradient import LossGradient, MeanLoss
from deltarule.backprop.network import Workspace
from deltarule.backprop.numerics import all_finite, euclidean_norm, unwatched
from deltarule.backprop.parameters import Parameters
from deltarule.backprop.schedules import learning_rate
from deltarule.backprop.state import State, Stop
from deltarule.backprop.versions import version_of
from deltarule.backprop.watching import effective_early_stopping, watch_best, watch_end, watch_plateau


class NumpyEngine:
    """The mathematics as it is written, over arrays that are made before the first step."""

    name = "numpy"

    def __init__(self, problem: Problem) -> None:
        self.version = version_of(self.name, np.__version__)
        self._problem = problem
        self._definition = problem.definition
        self._early_stopping = effective_early_stopping(problem.definition, problem.validation is not None)
        self._batches = Batches(problem)
        self._loss_gradient = LossGradient(problem.definition, problem.layout)
        self._mean_loss = MeanLoss(problem.definition, problem.layout)
        self._descent = Descent(problem.definition, problem.layout)

    def train(self, state: State, batches: int) -> Stretch:
        """As `Engine.train` says."""
        progress, parameters = state.progress, Parameters(self._problem.layout, state.parameters)
        epochs: list[EpochNumbers] = []
        last, trained = progress.step + batches, 0
        with unwatched():
            while progress.stop == Stop.GOING_ON and progress.step < last:
                trained += self._train_batch(state, parameters)
                if progress.batch == self._problem.batches:
                    epochs.extend(self._end_epoch(state, parameters))
        return Stretch.of(epochs, len(state.norms), trained)

    def _train_batch(self, state: State, parameters: Parameters) -> int:
        """One step; answers the number of its samples, 0 when the loss has diverged and no step was taken."""
        progress = state.progress
        batch = self._batches.take(progress.epoch, progress.batch)
        loss_sum = self._loss_gradient.forward(parameters, batch, progress.step)
        self._loss_gradient.backward(parameters, batch)
        norms = [euclidean_norm(layer) for layer in self._loss_gradient.gradient.layers]
        if not math.isfinite(loss_sum + sum(norms)):
            _diverge(state, _layer_of_divergence(parameters, self._loss_gradient.workspace(len(batch)), norms))
            return 0
        state.norms += norms
        progress.loss_sum += loss_sum
        progress.batch, progress.step = progress.batch + 1, progress.step + 1
        self._descent.step(parameters, self._loss_gradient.gradient, state, self._rate(state))
        return len(batch)

    def _rate(self, state: State) -> float:
        """The learning rate of the current epoch."""
        epoch, epochs = state.progress.epoch, self._definition.training.epochs
        rate = self._definition.optimizer.learning_rate
        return learning_rate(self._definition.schedule, rate, epoch, epochs, state.progress.reductions)

    def _end_epoch(self, state: State, parameters: Parameters) -> list[EpochNumbers]:
        """Measures the epoch and decides what it means; no numbers when the parameters have diverged."""
        progress, validation = state.progress, self._problem.validation
        validation_loss = math.nan if validation is None else self._mean_loss(parameters, validation)
        if not all_finite(parameters.vector) or (validation is not None and not math.isfinite(validation_loss)):
            _diverge(state, self._layer_after_epoch(parameters))
            return []
        epoch = EpochNumbers(
            number=progress.epoch + 1,
            training_loss=progress.loss_sum / len(self._problem.training),
            validation_loss=validation_loss,
            learning_rate=self._rate(state),
            gradient_norm=tuple(state.norms / self._problem.batches),
        )
        self._begin_next(state)
        self._watch(state, epoch)
        return [epoch]

    def _layer_after_epoch(self, parameters: Parameters) -> int:
        """Where an epoch diverged at its end: in the parameters, else on the way forward over validation samples."""
        layer, validation = layer_of_parameters(parameters), self._problem.validation
        if layer is None and validation is not None:
            layer = layer_of_traces(trace for trace, _ in self._mean_loss.passes(parameters, validation))
        return len(parameters.layers) - 1 if layer is None else layer

    def _begin_next(self, state: State) -> None:
        state.last[:] = state.parameters
        state.norms[:] = 0
        state.progress.epoch, state.progress.batch, state.progress.loss_sum = state.progress.epoch + 1, 0, 0.0

    def _watch(self, state: State, epoch: EpochNumbers) -> None:
        """Best parameters, plateau, end."""
        progress, schedule, rule = state.progress, self._definition.schedule, self._early_stopping
        loss = epoch.training_loss if self._problem.validation is None else epoch.validation_loss
        on_training = rule is not None and rule.monitor == "training_loss"
        if watch_best(progress, rule, epoch.training_loss if on_training else loss):
            state.best[:] = state.parameters
        if schedule.name == "reduce_on_plateau":
            watch_plateau(progress, schedule, loss)
        watch_end(progress, rule, self._definition.training.epochs)


def _diverge(state: State, layer: int) -> None:
    state.progress.stop, state.progress.diverged_layer = Stop.DIVERGED, layer


def _layer_of_divergence(parameters: Parameters, work: Workspace, norms: list[float]) -> int:
    """Where it was seen first: in the parameters, else on the way forward, else on the way back."""
    layer = layer_of_parameters(parameters)
    if layer is None:
        layer = layer_of_trace(work.trace)
    if layer is None:
        layer = max((number for number, norm in enumerate(norms) if not math.isfinite(norm)), default=len(norms) - 1)
    return layer
