"""From the words of a definition to the numbers of a plan, and the arrays around it; made once for a training."""

import math

import numpy as np

from deltarule.backprop.compiled import activations, optimizers, output_losses, schedules
from deltarule.backprop.compiled.plan import (
    Data,
    Layers,
    OptimizerNumbers,
    Rules,
    ScheduleNumbers,
    Vectors,
    Work,
)
from deltarule.backprop.definition import Optimizer, Schedule
from deltarule.backprop.engine import Problem
from deltarule.backprop.network import ROWS_AT_ONCE
from deltarule.backprop.numerics import Array
from deltarule.backprop.resolution import resolved
from deltarule.backprop.samples import Samples
from deltarule.backprop.state import State
from deltarule.backprop.watching import effective_early_stopping

_RANDOM_WORDS = 14
"""What shuffling needs: a generator's state, and room to seed it."""


def rules_of(problem: Problem) -> Rules:
    """How the training goes, as numbers."""
    definition, validated = problem.definition, problem.validation is not None
    plan, regularization = definition.training, definition.regularization
    stopping = effective_early_stopping(definition, validated)
    return Rules(
        batch_size=problem.batch_size,
        batches=problem.batches,
        epochs=plan.epochs,
        shuffled=plan.shuffle and problem.batch_size < len(problem.training),
        seed=plan.seed,
        loss=output_losses.number_of(definition.loss.name, resolved(definition.network.layers[-1].activation)),
        optimizer=optimizers.NUMBERS[definition.optimizer.name],
        learning_rate=float(definition.optimizer.learning_rate),
        numbers=_optimizer_numbers(definition.optimizer),
        schedule=_schedule_numbers(definition.schedule),
        l1=float(regularization.l1),
        l2=float(regularization.l2),
        max_gradient_norm=float(regularization.max_gradient_norm or math.inf),
        validated=validated,
        monitors_training=stopping is not None and stopping.monitor == "training_loss",
        minimum_delta=float(stopping.minimum_delta) if stopping else 0.0,
        patience=stopping.patience if stopping else 0,
    )


def layers_of(problem: Problem, rows: int) -> Layers:
    """The layers, whose buffers have room for so many rows."""
    shapes, layers = problem.layout.layers, problem.definition.network.layers
    units = np.array([shape.units for shape in shapes], np.int64)
    rates = [layer.dropout for layer in layers]
    return Layers(
        units=units,
        fan_in=np.array([shape.fan_in for shape in shapes], np.int64),
        start=np.array([shape.start for shape in shapes], np.int64),
        biases=np.array([shape.biases_start for shape in shapes], np.int64),
        stop=np.array([shape.stop for shape in shapes], np.int64),
        activation=np.array([activations.NUMBERS[resolved(layer.activation)] for layer in layers], np.int64),
        room=rows * (np.cumsum(units) - units),
        dropout=np.array([rate > 0 for rate in rates], np.int64),
        threshold=np.array([int(rate * 2.0**64) for rate in rates], np.uint64),
        scale=np.array([1 / (1 - rate) for rate in rates], np.float64),
    )


def rows_at_once(problem: Problem) -> int:
    """Rows that the buffers have room for: a batch, and as many as a measuring pass takes."""
    validation = 0 if problem.validation is None else len(problem.validation)
    return max(problem.batch_size, min(validation, ROWS_AT_ONCE))


def data_of(samples: Samples | None, problem: Problem) -> Data:
    """Samples as the kernels take them: marked as read only, whoever they belong to, so that their type is always one."""
    if samples is None:
        layout = problem.layout
        empty = np.empty((0, layout.inputs), layout.dtype), np.empty((0, layout.outputs), layout.dtype)
        return data_of(Samples(*empty), problem)
    weights = np.empty(0, samples.inputs.dtype) if samples.weights is None else samples.weights
    return Data(_read_only(samples.inputs), _read_only(samples.targets), _read_only(weights))


def work_of(problem: Problem, rows: int, shuffled: bool) -> Work:
    """The buffers for so many rows at once."""
    layout, dtype = problem.layout, problem.layout.dtype
    batch, size = problem.batch_size if shuffled else 0, rows * sum(shape.units for shape in layout.layers)
    drops = any(layer.dropout for layer in problem.definition.network.layers)
    return Work(
        inputs=np.empty((batch, layout.inputs), dtype),
        targets=np.empty((batch, layout.outputs), dtype),
        weights=np.empty(0 if problem.training.weights is None else batch, dtype),
        z=np.empty(size, dtype),
        a=np.empty(size, dtype),
        passed=np.empty(size if drops else 0, dtype),
        masks=np.empty(size if drops else 0, dtype),
        delta=np.empty(size, dtype),
        losses=np.empty(rows, dtype),
        gradient=np.zeros(layout.size, dtype),
        norms=np.empty(len(layout.layers), np.float64),
        order=np.empty(len(problem.training) if shuffled else 0, np.int64),
        ordered=np.full(1, -1, np.int64),
        generator=np.empty(_RANDOM_WORDS, np.uint64),
    )


def vectors_of(state: State) -> Vectors:
    """The state's own arrays, to be changed in place."""
    return Vectors(state.parameters, state.last, state.best, state.memory, state.numbers, state.norms)


def _optimizer_numbers(optimizer: Optimizer) -> OptimizerNumbers:
    fields = OptimizerNumbers.__annotations__
    return OptimizerNumbers(**{name: kind(getattr(optimizer, name, 0)) for name, kind in fields.items()})


def _schedule_numbers(schedule: Schedule) -> ScheduleNumbers:
    return ScheduleNumbers(
        name=schedules.NUMBERS[schedule.name],
        every=getattr(schedule, "every", 1),
        factor=float(getattr(schedule, "factor", getattr(schedule, "decay", 1.0))),
        minimum=float(getattr(schedule, "minimum", 0.0)),
        patience=getattr(schedule, "patience", 0),
        warmup_epochs=schedule.warmup_epochs,
    )


def _read_only(values: Array) -> Array:
    view = np.require(values, requirements=["C", "A"]).view(np.ndarray)
    view.flags.writeable = False
    return view
