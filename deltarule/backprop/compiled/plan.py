"""A definition as the kernels read it: numbers for names, arrays for layers, and nothing that differs in type.

Numba compiles for types. As the same fields have the same types for every network, one compilation serves them all;
float32 and float64 are the only two that there are.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.numerics import Array, Doubles

Integers = NDArray[np.int64]


class Layers(NamedTuple):
    """For each layer one number of each kind.

    Attributes:
        units: its units.
        fan_in: what it takes in.
        start: where its weights begin in the flat vector.
        biases: where they end and its biases begin.
        stop: where those end; equal to `biases` without any.
        activation: its number.
        room: where its arrays (n × units) begin in a buffer of all layers.
        dropout: whether something is dropped.
        threshold: below which a random word drops a unit.
        scale: what the others are multiplied with.
    """

    units: Integers
    fan_in: Integers
    start: Integers
    biases: Integers
    stop: Integers
    activation: Integers
    room: Integers
    dropout: Integers
    threshold: NDArray[np.uint64]
    scale: Doubles


class OptimizerNumbers(NamedTuple):
    """The numbers of all optimizers; those that one doesn't have are 0."""

    momentum: float
    nesterov: bool
    rho: float
    beta1: float
    beta2: float
    epsilon: float
    amsgrad: bool
    weight_decay: float
    momentum_decay: float


class ScheduleNumbers(NamedTuple):
    """The numbers of all schedules; `factor` is the decay as well."""

    name: int
    every: int
    factor: float
    minimum: float
    patience: int
    warmup_epochs: int


class Rules(NamedTuple):
    """How the training goes.

    Attributes:
        batch_size: samples in a batch; the last of an epoch may have fewer.
        batches: in an epoch.
        epochs: there are to be.
        shuffled: whether the rows are.
        seed: of all random choices.
        loss: the number of loss and output activation together.
        optimizer: its number.
        learning_rate: its rate.
        numbers: its other numbers.
        schedule: of the learning rate.
        l1, l2: factors of the penalties.
        max_gradient_norm: infinity for none.
        validated: whether there are validation samples.
        monitors_training: whether early stopping watches the training loss.
        minimum_delta: what counts as an improvement.
        patience: epochs without one; 0 for no early stopping.
    """

    batch_size: int
    batches: int
    epochs: int
    shuffled: bool
    seed: int
    loss: int
    optimizer: int
    learning_rate: float
    numbers: OptimizerNumbers
    schedule: ScheduleNumbers
    l1: float
    l2: float
    max_gradient_norm: float
    validated: bool
    monitors_training: bool
    minimum_delta: float
    patience: int


class Data(NamedTuple):
    """Samples that are only read: inputs n × d, targets n × k, weights n (or none, when they are all 1)."""

    inputs: Array
    targets: Array
    weights: Array


class Work(NamedTuple):
    """Buffers, made once and written again in every step.

    Attributes:
        inputs, targets, weights: a gathered batch.
        z, a, passed, masks, delta: flat, for all layers; `passed` are activations after dropout.
        losses: of each sample.
        gradient: flat, by every parameter.
        norms: of each layer's gradient.
        order: the rows of the current epoch.
        ordered: the epoch that `order` is of, or -1.
        generator: room for the random words' state.
    """

    inputs: Array
    targets: Array
    weights: Array
    z: Array
    a: Array
    passed: Array
    masks: Array
    delta: Array
    losses: Array
    gradient: Array
    norms: Doubles
    order: Integers
    ordered: Integers
    generator: NDArray[np.uint64]


class Vectors(NamedTuple):
    """The arrays of a `State`."""

    parameters: Array
    last: Array
    best: Array
    memory: Array
    numbers: Doubles
    norms: Doubles


class Records(NamedTuple):
    """Room for what the epochs of one call were like; the columns of a `Stretch`."""

    numbers: Integers
    training_loss: Doubles
    validation_loss: Doubles
    learning_rate: Doubles
    gradient_norm: Doubles
