"""The compiled epoch: batch after batch and epoch after epoch without a return to the interpreter."""

# A field of a record is Any to NumPy's own types.
# mypy: disable-error-code="no-any-return"

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import math

from deltarule.backprop.compiled.compiling import entry, kernel
from deltarule.backprop.compiled.divergence import diverge_in_epoch, diverge_in_step
from deltarule.backprop.compiled.layers import backward, forward, forward_with_dropout
from deltarule.backprop.compiled.norms import all_finite, clip, penalize
from deltarule.backprop.compiled.optimizers import descend
from deltarule.backprop.compiled.ordering import EPOCH, START, STOP, hold
from deltarule.backprop.compiled.output_losses import losses_and_deltas
from deltarule.backprop.compiled.paging import forget
from deltarule.backprop.compiled.plan import Data, Epoch, Layer, Layers, Rules, Table, Vectors, Work
from deltarule.backprop.compiled.schedules import learning_rate
from deltarule.backprop.compiled.views import borrowed, borrowed_data, borrowed_vectors, borrowed_work, matrix
from deltarule.backprop.compiled.watching import watch
from deltarule.backprop.numerics import Array, Doubles
from deltarule.backprop.state import Progress, Stop

_GOING_ON = int(Stop.GOING_ON)


@entry
def train(
    rules: Table,
    layers: Table,
    training: Data,
    validation: Data,
    work: Work,
    state: Vectors,
    progress: Table,
    epochs: Table,
    norms: Doubles,
    batches: int,
) -> tuple[int, int]:
    """Trains at most so many batches; answers how many epochs were completed, and how many samples trained on.

    Args:
        rules: one record of `Rules`.
        layers: a record of `Layer` for each.
        training: samples.
        validation: samples, or no rows.
        work: buffers.
        state: changed in place.
        progress: one record of `Progress`, changed in place.
        epochs: room for a record of `Epoch` for each epoch that can be completed.
        norms: room for their gradient norms, epochs × layers.
        batches: how far to go.
    """
    return _train(
        rules[0],
        borrowed(layers),
        borrowed_data(training),
        borrowed_data(validation),
        borrowed_work(work),
        borrowed_vectors(state),
        progress[0],
        borrowed(epochs),
        borrowed(norms),
        batches,
    )


@kernel
def _train(
    rules: Rules,
    layers: Layers,
    training: Data,
    validation: Data,
    work: Work,
    state: Vectors,
    progress: Progress,
    epochs: Array,
    norms: Doubles,
    batches: int,
) -> tuple[int, int]:
    last, completed, trained = progress.step + batches, 0, 0
    while progress.stop == _GOING_ON and progress.step < last:
        rate = learning_rate(rules, progress.epoch, progress.reductions)
        while progress.stop == _GOING_ON and progress.batch < rules.batches and progress.step < last:
            trained += _train_batch(rules, layers, training, work, state, progress, rate)
        if progress.batch == rules.batches:
            validation_loss = _mean_loss(rules, layers, state.parameters, work, validation)
            if _went_well(rules, layers, state, work, validation, progress, validation_loss):
                _write_down(
                    epochs[completed], norms[completed], rules, state, progress, rate, training, validation_loss
                )
                _begin_next(rules, state, progress, epochs[completed])
                completed += 1
    return completed, trained


@kernel
def _train_batch(
    rules: Rules, layers: Layers, training: Data, work: Work, state: Vectors, progress: Progress, rate: float
) -> int:
    """One step; answers the number of its samples, 0 when the loss has diverged and no step was taken."""
    first = progress.batch * rules.batch_size
    n = min(rules.batch_size, training.inputs.shape[0] - first)
    batch = _gather(rules, training, work, progress.epoch, first, n) if rules.shuffled else _slice(training, first, n)
    forward_with_dropout(layers, state.parameters, work.room, work.copies, batch.inputs, rules.seed, progress.step)
    loss_sum = _loss(rules.loss, layers[len(layers) - 1], work.room, batch, work.losses[:n])
    backward(layers, state.parameters, work.room, work.copies, batch.inputs, work.gradient, work.norms)
    if not math.isfinite(loss_sum + work.norms.sum()):
        diverge_in_step(layers, state.parameters, work.room, n, work.norms, progress)
        return 0
    for number in range(len(layers)):
        state.norms[number] += work.norms[number]
    if rules.mapped and not rules.shuffled:
        forget(training, first, first + n)
    progress.loss_sum += loss_sum
    progress.batch += 1
    progress.step += 1
    _descend(rules, layers, work.gradient, state, progress.step, rate)
    return n


@kernel
def _descend(rules: Rules, layers: Layers, gradient: Array, state: Vectors, step: int, rate: float) -> None:
    """From the gradient to the next parameters."""
    if rules.l1 > 0 or rules.l2 > 0:
        penalize(layers, state.parameters, gradient, rules.l1, rules.l2)
    if rules.max_gradient_norm < math.inf:
        clip(gradient, rules.max_gradient_norm)
    descend(rules, step, rate, state.parameters, gradient, state.memory, state.numbers)


@kernel
def _slice(samples: Data, first: int, n: int) -> Data:
    """So many samples as they stand."""
    rows = slice(first, first + n)
    return Data(samples.inputs[rows], samples.targets[rows], samples.weights[rows])


@kernel
def _gather(rules: Rules, samples: Data, work: Work, epoch: int, first: int, n: int) -> Data:
    """So many samples in the order of the epoch, copied into a contiguous batch."""
    batch, held = work.batch, work.held
    for r in range(n):
        position = first + r
        # Looked at here, because a call hands over all arrays one by one.
        if held[EPOCH] != epoch or position < held[START] or position >= held[STOP]:
            hold(rules, samples, work, epoch, position)
        row = work.order[position - held[START]]
        for k in range(samples.inputs.shape[1]):
            batch.inputs[r, k] = samples.inputs[row, k]
        for j in range(samples.targets.shape[1]):
            batch.targets[r, j] = samples.targets[row, j]
        if samples.weights.size:
            batch.weights[r] = samples.weights[row]
    return _slice(batch, 0, n)


@kernel
def _loss(loss: int, output: Layer, room: Array, batch: Data, losses: Array) -> float:
    """The batch's loss, Σ w l, and into the output layer's delta the gradient of its mean."""
    n, units = losses.size, output.units
    z, o, delta = (
        matrix(room, output.z, n, units),
        matrix(room, output.a, n, units),
        matrix(room, output.delta, n, units),
    )
    losses_and_deltas(loss, output.activation, z, o, batch.targets, losses, delta)
    share, total = delta.dtype.type(1 / n), 0.0
    for r in range(n):
        weight = batch.weights[r] if batch.weights.size else delta.dtype.type(1)
        total += float(losses[r] * weight)
        for j in range(units):
            delta[r, j] *= weight * share
    return total


@kernel
def _mean_loss(rules: Rules, layers: Layers, parameters: Array, work: Work, samples: Data) -> float:
    """Σ w l / n over samples of any number, without dropout; NaN for none."""
    total, at_once, rows = 0.0, work.losses.size, samples.inputs.shape[0]
    for first in range(0, rows, at_once):
        part = _slice(samples, first, min(at_once, rows - first))
        forward(layers, parameters, work.room, work.copies, part.inputs)
        losses = work.losses[: part.inputs.shape[0]]
        total += _loss(rules.loss, layers[len(layers) - 1], work.room, part, losses)
        if rules.validation_mapped:
            forget(samples, first, first + part.inputs.shape[0])
    return total / rows


@kernel
def _went_well(
    rules: Rules,
    layers: Layers,
    state: Vectors,
    work: Work,
    validation: Data,
    progress: Progress,
    validation_loss: float,
) -> bool:
    """Whether the epoch left finite numbers behind."""
    if all_finite(state.parameters) and (not rules.validated or math.isfinite(validation_loss)):
        return True
    diverge_in_epoch(layers, state.parameters, work, validation, progress)
    return False


@kernel
def _write_down(
    epoch: Epoch,
    norms: Doubles,
    rules: Rules,
    state: Vectors,
    progress: Progress,
    rate: float,
    training: Data,
    validation_loss: float,
) -> None:
    """What the epoch just trained was like."""
    epoch.number = progress.epoch + 1
    epoch.training_loss = progress.loss_sum / training.inputs.shape[0]
    epoch.validation_loss = validation_loss
    epoch.learning_rate = rate
    for number in range(norms.size):
        norms[number] = state.norms[number] / rules.batches


@kernel
def _begin_next(rules: Rules, state: Vectors, progress: Progress, epoch: Epoch) -> None:
    """Counts the epoch, and decides what it means."""
    state.last[:] = state.parameters
    state.norms[:] = 0
    progress.epoch += 1
    progress.batch = 0
    progress.loss_sum = 0.0
    if watch(rules, progress, epoch.training_loss, epoch.validation_loss):
        state.best[:] = state.parameters
