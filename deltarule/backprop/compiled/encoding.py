"""From the words of a definition to the numbers of a plan, and the arrays around it; made once for a training."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.compiled import activations, optimizers, output_losses, schedules
from deltarule.backprop.compiled.plan import LAYER, RULES, Data, Layer, Rules, Vectors, Work
from deltarule.backprop.compiled.products import room_for_copies
from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import Problem
from deltarule.backprop.network import ROWS_AT_ONCE
from deltarule.backprop.numerics import Array
from deltarule.backprop.ordering import number_of_blocks, window_rows
from deltarule.backprop.paging import begins_mapping
from deltarule.backprop.parameters import LayerLayout
from deltarule.backprop.resolution import resolved
from deltarule.backprop.samples import Samples
from deltarule.backprop.state import State
from deltarule.backprop.watching import effective_early_stopping

_RANDOM_WORDS = 15
"""What shuffling needs: a generator's state, and room to seed it."""

_ARRAYS, _WITH_DROPOUT = 3, 5
"""What a layer has room for: net inputs, activations, deltas; with dropout also its mask and what it passes on."""


def rules_of(problem: Problem) -> NDArray[np.void]:
    """How the training goes, as one record of `Rules`."""
    definition, validated = problem.definition, problem.validation is not None
    plan, regularization = definition.training, definition.regularization
    stopping = effective_early_stopping(definition, validated)
    rules = Rules(
        batch_size=problem.batch_size,
        batches=problem.batches,
        epochs=plan.epochs,
        shuffled=plan.shuffle and problem.batch_size < len(problem.training),
        block=plan.shuffle_block or 0,
        mapped=_is_mapped(problem.training),
        validation_mapped=problem.validation is not None and _is_mapped(problem.validation),
        seed=plan.seed,
        loss=output_losses.number_of(definition.loss.name, resolved(definition.network.layers[-1].activation)),
        l1=regularization.l1,
        l2=regularization.l2,
        max_gradient_norm=regularization.max_gradient_norm or math.inf,
        validated=validated,
        monitors_training=stopping is not None and stopping.monitor == "training_loss",
        minimum_delta=stopping.minimum_delta if stopping else 0.0,
        patience=stopping.patience if stopping else 0,
        **_optimizer(definition),
        **_schedule(definition),
    )
    return np.array([tuple(rules)], RULES)


def _optimizer(definition: Definition) -> dict[str, Any]:
    optimizer = definition.optimizer
    names = Rules._fields[Rules._fields.index("learning_rate") : Rules._fields.index("schedule")]
    return {"optimizer": optimizers.NUMBERS[optimizer.name]} | {name: getattr(optimizer, name, 0) for name in names}


def _schedule(definition: Definition) -> dict[str, Any]:
    schedule = definition.schedule
    return {
        "schedule": schedules.NUMBERS[schedule.name],
        "every": getattr(schedule, "every", 1),
        "factor": getattr(schedule, "factor", getattr(schedule, "decay", 1.0)),
        "minimum": getattr(schedule, "minimum", 0.0),
        "plateau_patience": getattr(schedule, "patience", 0),
        "warmup_epochs": schedule.warmup_epochs,
    }


def layers_of(problem: Problem, rows: int) -> NDArray[np.void]:
    """A record of `Layer` for each, with room for so many rows."""
    layers, start = [], 0
    for shape, given in zip(problem.layout.layers, problem.definition.network.layers, strict=True):
        number = activations.NUMBERS[resolved(given.activation)]
        layers.append(_layer(shape, number, given.dropout, start, rows * shape.units))
        start += rows * shape.units * (_WITH_DROPOUT if given.dropout else _ARRAYS)
    return np.array([tuple(layer) for layer in layers], LAYER)


def _layer(shape: LayerLayout, activation: int, dropout: float, start: int, size: int) -> Layer:
    """One layer, whose arrays of so many numbers stand in the room from `start`, one after the other."""
    return Layer(
        units=shape.units,
        fan_in=shape.fan_in,
        start=shape.start,
        biases=shape.biases_start,
        stop=shape.stop,
        activation=activation,
        z=start,
        a=start + size,
        delta=start + 2 * size,
        mask=start + 3 * size if dropout else start,
        passed=start + (4 * size if dropout else size),
        dropout=dropout > 0,
        threshold=np.uint64(int(dropout * 2.0**64)),
        scale=1 / (1 - dropout),
    )


def rows_at_once(problem: Problem) -> int:
    """Rows that the buffers have room for: a batch, and as many as a measuring pass takes."""
    validation = 0 if problem.validation is None else len(problem.validation)
    return max(problem.batch_size, min(validation, ROWS_AT_ONCE))


def data_of(samples: Samples | None, problem: Problem) -> Data:
    """Samples as the kernels take them: marked as read only, whoever they belong to, so that they have one type."""
    layout = problem.layout
    if samples is None:
        return Data(*map(_read_only, _data(0, problem, weighted=False)))
    weights = np.empty(0, layout.dtype) if samples.weights is None else samples.weights
    return Data(_read_only(samples.inputs), _read_only(samples.targets), _read_only(weights))


def work_of(problem: Problem, rows: int, shuffled: bool) -> Work:
    """The buffers for so many rows at once."""
    layout, dtype, plan = problem.layout, problem.layout.dtype, problem.definition.training
    layers = zip(layout.layers, problem.definition.network.layers, strict=True)
    size = rows * sum(shape.units * (_WITH_DROPOUT if given.dropout else _ARRAYS) for shape, given in layers)
    return Work(
        batch=_data(problem.batch_size if shuffled else 0, problem, weighted=problem.training.weights is not None),
        room=np.empty(size, dtype),
        copies=np.empty(
            max(room_for_copies(problem.batch_size, shape.units, shape.fan_in) for shape in layout.layers), dtype
        ),
        losses=np.empty(rows, dtype),
        gradient=np.zeros(layout.size, dtype),
        norms=np.empty(len(layout.layers), np.float64),
        order=np.empty(window_rows(plan, len(problem.training)) if shuffled else 0, np.int64),
        held=np.full(4, -1, np.int64),
        blocks=np.empty(number_of_blocks(plan, len(problem.training)) if shuffled else 0, np.int64),
        generator=np.empty(_RANDOM_WORDS, np.uint64),
    )


def vectors_of(state: State) -> Vectors:
    """The state's own arrays, to be changed in place."""
    return Vectors(state.parameters, state.last, state.best, state.memory, state.numbers, state.norms)


def _data(rows: int, problem: Problem, weighted: bool) -> Data:
    """Room for so many samples."""
    layout = problem.layout
    return Data(
        np.empty((rows, layout.inputs), layout.dtype),
        np.empty((rows, layout.outputs), layout.dtype),
        np.empty(rows if weighted else 0, layout.dtype),
    )


def _is_mapped(samples: Samples) -> bool:
    """Whether each array is the whole of a mapped file, or of a part of one, from its first page on."""
    arrays = [one for one in (samples.inputs, samples.targets, samples.weights) if one is not None]
    return all(begins_mapping(one) for one in arrays)


def _read_only(values: Array) -> Array:
    view = np.require(values, requirements=["C", "A"]).view(np.ndarray)
    view.flags.writeable = False
    return view
