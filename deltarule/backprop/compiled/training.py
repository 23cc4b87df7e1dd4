"""The compiled epoch: batch after batch and epoch after epoch without a return to the interpreter."""

import math

from deltarule.backprop.compiled.compiling import entry, kernel
from deltarule.backprop.compiled.divergence import diverge_in_epoch, diverge_in_step
from deltarule.backprop.compiled.layers import backward, forward, forward_with_dropout
from deltarule.backprop.compiled.norms import all_finite, clip, euclidean_norm, penalize
from deltarule.backprop.compiled.optimizers import descend
from deltarule.backprop.compiled.output_losses import losses_and_deltas
from deltarule.backprop.compiled.plan import Data, Layers, Records, Rules, Vectors, Work
from deltarule.backprop.compiled.randomness import order_of_rows
from deltarule.backprop.compiled.schedules import learning_rate
from deltarule.backprop.compiled.views import (
    borrowed_data,
    borrowed_layers,
    borrowed_records,
    borrowed_vectors,
    borrowed_work,
    matrix,
)
from deltarule.backprop.compiled.watching import watch
from deltarule.backprop.numerics import Array
from deltarule.backprop.state import Progress, Stop

_GOING_ON = int(Stop.GOING_ON)


@entry
def train(
    rules: Rules,
    layers: Layers,
    training: Data,
    validation: Data,
    work: Work,
    state: Vectors,
    progresses: Array,
    records: Records,
    batches: int,
) -> tuple[int, int]:
    """Trains at most so many batches; answers how many epochs were completed, and how many samples trained on."""
    return _train(
        rules,
        borrowed_layers(layers),
        borrowed_data(training),
        borrowed_data(validation),
        borrowed_work(work),
        borrowed_vectors(state),
        progresses[0],
        borrowed_records(records),
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
    records: Records,
    batches: int,
) -> tuple[int, int]:
    last, completed, trained = progress.step + batches, 0, 0
    while progress.stop == _GOING_ON and progress.step < last:
        rate = learning_rate(rules, progress.epoch, progress.reductions)
        if rules.shuffled and work.ordered[0] != progress.epoch:
            order_of_rows(work.order, rules.seed, progress.epoch, work.generator)
            work.ordered[0] = progress.epoch
        while progress.stop == _GOING_ON and progress.batch < rules.batches and progress.step < last:
            trained += _train_batch(rules, layers, training, work, state, progress, rate)
        if progress.batch == rules.batches:
            completed += _end_epoch(rules, layers, training, validation, work, state, progress, rate, records, completed)
    return completed, trained


@kernel
def _train_batch(
    rules: Rules, layers: Layers, training: Data, work: Work, state: Vectors, progress: Progress, rate: float
) -> int:
    """One step; answers the number of its samples, 0 when the loss has diverged and no step was taken."""
    first = progress.batch * rules.batch_size
    n = min(rules.batch_size, training.inputs.shape[0] - first)
    batch = _gather(training, work, first, n) if rules.shuffled else _slice(training, first, n)
    forward_with_dropout(rules, layers, state.parameters, work, batch.inputs, progress.step)
    loss_sum = _loss(rules, layers, work, batch)
    backward(layers, state.parameters, work, batch.inputs)
    total = loss_sum
    for layer in range(layers.units.size):
        work.norms[layer] = euclidean_norm(work.gradient[layers.start[layer] : layers.stop[layer]])
        total += work.norms[layer]
    if not math.isfinite(total):
        diverge_in_step(layers, state.parameters, work, n, progress)
        return 0
    for layer in range(layers.units.size):
        state.norms[layer] += work.norms[layer]
    progress.loss_sum += loss_sum
    progress.batch += 1
    progress.step += 1
    _descend(rules, layers, work, state, progress.step, rate)
    return n


@kernel
def _descend(rules: Rules, layers: Layers, work: Work, state: Vectors, step: int, rate: float) -> None:
    """From the gradient to the next parameters."""
    if rules.l1 > 0 or rules.l2 > 0:
        penalize(rules, layers, state.parameters, work.gradient)
    if rules.max_gradient_norm < math.inf:
        clip(rules, work)
    descend(
        rules.optimizer, rules.numbers, step, rate, state.parameters, work.gradient, state.memory, state.numbers
    )


@kernel
def _slice(samples: Data, first: int, n: int) -> Data:
    """So many samples as they stand."""
    rows = slice(first, first + n)
    return Data(samples.inputs[rows], samples.targets[rows], samples.weights[rows])


@kernel
def _gather(samples: Data, work: Work, first: int, n: int) -> Data:
    """So many samples in the order of the epoch, copied into a contiguous batch."""
    for r in range(n):
        row = work.order[first + r]
        for k in range(samples.inputs.shape[1]):
            work.inputs[r, k] = samples.inputs[row, k]
        for j in range(samples.targets.shape[1]):
            work.targets[r, j] = samples.targets[row, j]
        if samples.weights.size:
            work.weights[r] = samples.weights[row]
    return Data(work.inputs[:n], work.targets[:n], work.weights[:n])


@kernel
def _loss(rules: Rules, layers: Layers, work: Work, batch: Data) -> float:
    """The batch's loss, Σ w l, and into the output layer's delta the gradient of its mean."""
    n, output = batch.inputs.shape[0], layers.units.size - 1
    units, room = layers.units[output], layers.room[output]
    z, o = matrix(work.z, room, n, units), matrix(work.a, room, n, units)
    delta, losses = matrix(work.delta, room, n, units), work.losses[:n]
    losses_and_deltas(rules.loss, layers.activation[output], z, o, batch.targets, losses, delta)
    share, total = delta.dtype.type(1 / n), 0.0
    for r in range(n):
        weight = batch.weights[r] if batch.weights.size else delta.dtype.type(1)
        total += float(losses[r] * weight)
        for j in range(units):
            delta[r, j] *= weight * share
    return total


@kernel
def _mean_loss(rules: Rules, layers: Layers, parameters: Array, work: Work, samples: Data) -> float:
    """Σ w l / n over samples of any number, without dropout."""
    total, at_once, rows = 0.0, work.losses.size, samples.inputs.shape[0]
    for first in range(0, rows, at_once):
        part = _slice(samples, first, min(at_once, rows - first))
        forward(layers, parameters, work, part.inputs)
        total += _loss(rules, layers, work, part)
    return total / rows


@kernel
def _end_epoch(
    rules: Rules,
    layers: Layers,
    training: Data,
    validation: Data,
    work: Work,
    state: Vectors,
    progress: Progress,
    rate: float,
    records: Records,
    row: int,
) -> int:
    """Measures the epoch, writes it down in a row of the records and decides what it means; 0 when it has diverged."""
    validation_loss = math.nan
    if rules.validated:
        validation_loss = _mean_loss(rules, layers, state.parameters, work, validation)
    if not all_finite(state.parameters) or (rules.validated and not math.isfinite(validation_loss)):
        diverge_in_epoch(layers, state.parameters, progress)
        return 0
    training_loss = progress.loss_sum / training.inputs.shape[0]
    records.numbers[row] = progress.epoch + 1
    records.training_loss[row] = training_loss
    records.validation_loss[row] = validation_loss
    records.learning_rate[row] = rate
    for layer in range(state.norms.size):
        records.gradient_norm[row, layer] = state.norms[layer] / rules.batches
    _begin_next(state, progress)
    if watch(rules, progress, training_loss, validation_loss):
        state.best[:] = state.parameters
    return 1


@kernel
def _begin_next(state: Vectors, progress: Progress) -> None:
    state.last[:] = state.parameters
    state.norms[:] = 0
    progress.epoch += 1
    progress.batch = 0
    progress.loss_sum = 0.0
