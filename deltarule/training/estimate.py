"""What a job will cost, reckoned in whole numbers before anything is allocated."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deltarule.backprop.errors import Fault
from deltarule.backprop.network import rows_at_once
from deltarule.backprop.optimizers import OPTIMIZERS
from deltarule.backprop.ordering import GROUP
from deltarule.backprop.parameters import Layout, layout
from deltarule.training.formulation import definition_of
from deltarule.training.model import Model
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import Column, Schema
from deltarule.training.tables.survey import TABLE_LIMIT

BYTES = {"float32": 4, "float64": 8}

BYTES_OF_A_CELL = 8
"""A value of the table, as it was read."""

COPIES = 3
"""Times that the rows are there as inputs and targets while they are split."""

BYTES_OF_A_BLOCK = 1 << 22
"""Of samples that are trained on from disk: long enough to be read at the disk's full speed."""

FEWEST_ROWS = 64
"""Of a block, however wide they are."""

BYTES_OF_A_PART = 1 << 28
"""What preparing rows from disk takes, part by part."""

VECTORS = 6
"""As long as the parameters, besides the optimizer's: parameters, gradient, last, best, a copy, a checkpoint."""

ARRAYS_OF_A_STEP = 4
"""Arrays as large as a batch's activations: net inputs, activations, deltas, derivatives."""

OPERATIONS = 6
"""Floating-point operations for each weight and sample: forward, gradient, deltas; a multiplication and an addition."""

OPERATIONS_PER_SECOND = 5e9
SECONDS_PER_BATCH = 40e-6
SECONDS_PER_LAYER = 30e-6
"""Measured on one core of a small server, in plain NumPy; an estimate to plan with, not a promise."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training takes.

    Attributes:
        parameters: weights and biases.
        memory_bytes: at its peak, the table included, unless it is trained on from disk.
        seconds: of all epochs, on one core; early stopping may save a good part of it.
    """

    parameters: int
    memory_bytes: int
    seconds: float


def estimate(spec: Spec, schema: Schema, continued: Model | None = None) -> Estimate:
    """The cost of a resolved job.

    Args:
        spec: resolved.
        schema: of its dataset.
        continued: the model that it goes on from.
    """
    shape, plan, rows = _shape(spec, schema, continued), spec.training, schema.rows
    trained = max(1, rows - int(rows * (plan.validation_fraction or 0.0)))
    size = trained if plan.batch_size == "full" else min(plan.batch_size or 1, trained)
    in_memory = rows if plan.shuffle_block is None else min(rows, GROUP * plan.shuffle_block)
    data = in_memory * _bytes_of_a_row(shape, schema) + (0 if plan.shuffle_block is None else BYTES_OF_A_PART)
    return Estimate(
        parameters=shape.size,
        memory_bytes=memory(shape, size, spec) + data,
        seconds=(plan.epochs or 1) * _seconds_per_epoch(shape, trained, size),
    )


def in_blocks(spec: Spec, schema: Schema, continued: Model | None, limit: int | None) -> Spec:
    """The resolved job, trained in blocks of rows from disk if its data does not fit in memory and that helps.

    Args:
        spec: resolved but for `training.shuffle_block`.
        schema: of its dataset.
        continued: the model that it goes on from.
        limit: bytes that the training may take; None for no limit but that of a table in memory.
    """
    needed, allowed = estimate(spec, schema, continued).memory_bytes, math.inf if limit is None else limit
    if spec.training.shuffle_block is not None or (needed <= allowed and is_readable(schema)):
        return spec
    block = block_rows(_bytes_of_a_sample(_shape(spec, schema, continued)))
    large = spec.model_copy(update={"training": spec.training.model_copy(update={"shuffle_block": block})})
    helps = estimate(large, schema, continued).memory_bytes <= allowed
    return large if helps or not is_readable(schema) else spec


def is_readable(schema: Schema) -> bool:
    """Whether `tables.read` takes such a table into memory at all."""
    return schema.rows * len(schema.columns) * BYTES_OF_A_CELL <= TABLE_LIMIT


def block_rows(bytes_of_a_sample: int) -> int:
    """Rows of a block of about `BYTES_OF_A_BLOCK`: a power of two."""
    fitting = max(FEWEST_ROWS, BYTES_OF_A_BLOCK // bytes_of_a_sample)
    return int(2 ** (fitting.bit_length() - 1))


def _shape(spec: Spec, schema: Schema, continued: Model | None) -> Layout:
    features = [schema.column(name) for name in spec.features or ()]
    inputs = input_width(features) if continued is None else continued.form.inputs.width
    return layout(definition_of(spec, continued).network, inputs)


def _bytes_of_a_sample(shape: Layout) -> int:
    return (shape.inputs + shape.outputs) * BYTES[shape.dtype]


def _bytes_of_a_row(shape: Layout, schema: Schema) -> int:
    """What a row takes as it was read, and as it is split."""
    return len(schema.columns) * BYTES_OF_A_CELL + COPIES * _bytes_of_a_sample(shape)


def memory(shape: Layout, batch: int, spec: Spec) -> int:
    """Bytes that training a network of this shape takes, without its data."""
    vectors = VECTORS + (OPTIMIZERS[spec.optimizer.name].vectors(spec.optimizer) if spec.optimizer else 0)
    units = sum(layer.units for layer in shape.layers)
    return BYTES[shape.dtype] * (vectors * shape.size + ARRAYS_OF_A_STEP * units * max(batch, rows_at_once(shape)))


def memory_faults(spec: Spec, schema: Schema, continued: Model | None, limit: int) -> Iterator[Fault]:
    """The network, or the rows as numbers, are more than the memory limit allows."""
    cost = estimate(spec, schema, continued)
    if cost.memory_bytes > limit:
        needed, allowed = (f"{size / 2**20:,.0f} MiB" for size in (cost.memory_bytes, limit))
        pointer = "/network/layers" if spec.network.layers else "/network/model_id"
        yield Fault(
            pointer,
            f"With {cost.parameters:,} parameters and {schema.rows:,} rows, training takes about {needed} of memory; "
            f"{allowed} are allowed. Give it fewer units, a smaller batch, or fewer rows or columns.",
        )


def input_width(columns: Sequence[Column]) -> int:
    """Inputs that the columns come to: one for a numeric column, one for each category of another."""
    return sum(1 if column.type == "numeric" else len(column.categories) for column in columns)


def _seconds_per_epoch(shape: Layout, rows: int, batch: int) -> float:
    batches = -(-rows // batch)
    overhead = batches * (SECONDS_PER_BATCH + SECONDS_PER_LAYER * len(shape.layers))
    return overhead + OPERATIONS * rows * shape.size / OPERATIONS_PER_SECOND
