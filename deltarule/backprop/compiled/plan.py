"""A definition as the kernels read it: numbers for names, records for layers, and nothing that differs in type.

Numba compiles for types. As the same fields have the same types for every network, one compilation serves them all;
float32 and float64 are the only two that there are. Each class here says what a NumPy record holds; kernels take the
record itself, which is one pointer, however many fields it has.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.numerics import Array, Doubles
from deltarule.backprop.state import Progress

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]
Table = NDArray[np.void]
"""Records."""


class Layer(NamedTuple):
    """One layer.

    Attributes:
        units: how many.
        fan_in: what it takes in.
        start: where its weights begin in the flat vector.
        biases: where they end and its biases begin.
        stop: where those end; equal to `biases` without any.
        activation: its number.
        z, a, mask, passed, delta: where its net inputs, activations, dropout mask, what it passes on and its deltas
            begin in the room for all of them, n × units each; without dropout `passed` is `a`.
        dropout: whether something is dropped.
        threshold: below which a random word drops a unit.
        scale: what the others are multiplied with.
    """

    units: int
    fan_in: int
    start: int
    biases: int
    stop: int
    activation: int
    z: int
    a: int
    mask: int
    passed: int
    delta: int
    dropout: bool
    threshold: np.uint64
    scale: float


Layers = Sequence[Layer]


class Rules(NamedTuple):
    """How the training goes.

    Attributes:
        batch_size: samples in a batch; the last of an epoch may have fewer.
        batches: in an epoch.
        epochs: there are to be.
        shuffled: whether the rows are.
        block: rows of a block, where they are shuffled in blocks; 0 where all are shuffled at once.
        mapped, validation_mapped: whether the samples lie in a mapped file, whose pages are to be let go.
        seed: of all random choices.
        loss: the number of loss and output activation together.
        l1, l2: factors of the penalties.
        max_gradient_norm: infinity for none.
        validated: whether there are validation samples.
        monitors_training: whether early stopping watches the training loss.
        minimum_delta: what counts as an improvement.
        patience: epochs without one; 0 for no early stopping.
        optimizer: its number; what follows are the numbers of all optimizers, 0 for those that this one doesn't have.
        schedule: its number; what follows are the numbers of all schedules. `factor` is the decay as well.
    """

    batch_size: int
    batches: int
    epochs: int
    shuffled: bool
    block: int
    mapped: bool
    validation_mapped: bool
    seed: int
    loss: int
    l1: float
    l2: float
    max_gradient_norm: float
    validated: bool
    monitors_training: bool
    minimum_delta: float
    patience: int
    optimizer: int
    learning_rate: float
    momentum: float
    nesterov: bool
    rho: float
    beta1: float
    beta2: float
    epsilon: float
    amsgrad: bool
    weight_decay: float
    momentum_decay: float
    schedule: int
    every: int
    factor: float
    minimum: float
    plateau_patience: int
    warmup_epochs: int


class Epoch(Protocol):
    """What one epoch was like; the columns of a `Stretch`."""

    number: int
    training_loss: float
    validation_loss: float
    learning_rate: float


class Data(NamedTuple):
    """Samples: inputs n × d, targets n × k, weights n (or none, when they are all 1)."""

    inputs: Array
    targets: Array
    weights: Array


class Work(NamedTuple):
    """Buffers, made once and written again in every step.

    Attributes:
        batch: a gathered batch.
        room: for what a batch is on its way through the layers.
        copies: room for what the products of a layer copy.
        losses: of each sample.
        gradient: by every parameter.
        norms: of each layer's gradient.
        order: rows as the current epoch takes them: all, or those of a group of blocks.
        held: what `order` is of: the epoch (or -1), the positions in it where it begins and ends, its first block.
        blocks: in their order of the current epoch.
        generator: room for the random words' state.
    """

    batch: Data
    room: Array
    copies: Array
    losses: Array
    gradient: Array
    norms: Doubles
    order: Integers
    held: Integers
    blocks: Integers
    generator: Words


class Vectors(NamedTuple):
    """The arrays of a `State`."""

    parameters: Array
    last: Array
    best: Array
    memory: Array
    numbers: Doubles
    norms: Doubles


_DTYPES: dict[Any, type] = {int: np.int64, float: np.float64, bool: np.bool_, np.uint64: np.uint64}


def _record(annotations: dict[str, Any]) -> np.dtype[np.void]:
    return np.dtype([(name, _DTYPES[kind]) for name, kind in annotations.items()], align=True)


RULES = _record(Rules.__annotations__)
LAYER = _record(Layer.__annotations__)
EPOCH = _record(Epoch.__annotations__)
PROGRESS = _record({one.name: one.type for one in fields(Progress)})
