"""A training run in words: layers, loss, optimizer, schedule; one definition for HTTP, worker and library."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field

from deltarule.backprop.architecture import (
    LAYERS_LIMIT,
    UNITS_LIMIT,
    ActivationName,
    Dtype,
    Fraction,
    InitializerName,
    Layer,
    Loss,
    LossName,
    Network,
    NotNegative,
    Positive,
)
from deltarule.backprop.errors import DefinitionError, Fault
from deltarule.backprop.record import Record
from deltarule.backprop.resolution import resolve_network

__all__ = [
    "LAYERS_LIMIT",
    "UNITS_LIMIT",
    "ActivationName",
    "Adagrad",
    "Adam",
    "AdamW",
    "BlockRows",
    "Constant",
    "Cosine",
    "Definition",
    "Dtype",
    "EarlyStopping",
    "Exponential",
    "Fraction",
    "InitializerName",
    "Layer",
    "Loss",
    "LossName",
    "Nadam",
    "Network",
    "NotNegative",
    "Optimizer",
    "Plan",
    "Positive",
    "ReduceOnPlateau",
    "Regularization",
    "RmsProp",
    "Schedule",
    "Sgd",
    "Step",
]


class Sgd(Record):
    """Stochastic gradient descent, with momentum and Nesterov's form of it."""

    name: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.001
    momentum: Fraction = 0.0
    nesterov: bool = False


class RmsProp(Record):
    """RMSprop: the gradient over the root of its running mean square."""

    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: Positive = 0.01
    rho: Fraction = 0.99
    epsilon: Positive = 1e-8


class Adagrad(Record):
    """Adagrad: the gradient over the root of its summed squares."""

    name: Literal["adagrad"] = "adagrad"
    learning_rate: Positive = 0.01
    epsilon: Positive = 1e-10


class Adam(Record):
    """Adam, with bias correction; `amsgrad` divides by the largest second moment so far."""

    name: Literal["adam"] = "adam"
    learning_rate: Positive = 0.001
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    amsgrad: bool = False


class AdamW(Record):
    """Adam with decoupled weight decay on every parameter, biases too, as PyTorch does it."""

    name: Literal["adamw"] = "adamw"
    learning_rate: Positive = 0.001
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    amsgrad: bool = False
    weight_decay: NotNegative = 0.01


class Nadam(Record):
    """Adam with Nesterov momentum."""

    name: Literal["nadam"] = "nadam"
    learning_rate: Positive = 0.002
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    momentum_decay: NotNegative = 0.004


Optimizer = Annotated[Sgd | RmsProp | Adagrad | Adam | AdamW | Nadam, Field(discriminator="name")]


class Constant(Record):
    """The same learning rate in every epoch."""

    name: Literal["constant"] = "constant"
    warmup_epochs: Annotated[int, Field(ge=0)] = 0


class Step(Record):
    """The rate times `decay` after every `every` epochs."""

    name: Literal["step"] = "step"
    every: Annotated[int, Field(ge=1)] = 10
    decay: Annotated[float, Field(gt=0, le=1)] = 0.1
    warmup_epochs: Annotated[int, Field(ge=0)] = 0


class Exponential(Record):
    """The rate times `decay` after every epoch."""

    name: Literal["exponential"] = "exponential"
    decay: Annotated[float, Field(gt=0, le=1)] = 0.95
    warmup_epochs: Annotated[int, Field(ge=0)] = 0


class Cosine(Record):
    """Half a cosine from the rate down to `minimum` (I. Loshchilov, F. Hutter, SGDR, 2017, without restarts)."""

    name: Literal["cosine"] = "cosine"
    minimum: NotNegative = 0.0
    warmup_epochs: Annotated[int, Field(ge=0)] = 0


class ReduceOnPlateau(Record):
    """The rate times `factor` once the loss has not fallen for more than `patience` epochs, never below `minimum`."""

    name: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    patience: Annotated[int, Field(ge=0)] = 10
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    minimum: NotNegative = 0.0
    warmup_epochs: Annotated[int, Field(ge=0)] = 0


Schedule = Annotated[Constant | Step | Exponential | Cosine | ReduceOnPlateau, Field(discriminator="name")]


class Regularization(Record):
    """What is added to the gradient of the weights (never of biases), and the bound on the global gradient norm."""

    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    max_gradient_norm: Positive | None = None


class EarlyStopping(Record):
    """Stop once `monitor` has not improved by more than `minimum_delta` for `patience` epochs."""

    monitor: Literal["validation_loss", "training_loss"] = "validation_loss"
    patience: Annotated[int, Field(ge=1)] = 20
    minimum_delta: NotNegative = 0.0
    restore_best: bool = True


BlockRows = Annotated[int, Field(ge=1, le=16_777_216)]
"""Rows of a block, where rows are shuffled in blocks."""


class Plan(Record):
    """How the epochs are run; `seed` settles every random choice: initial weights, order of rows, dropout, split.

    `shuffle_block` rows that follow each other are read together, for rows that do not fit in memory: the blocks are
    shuffled, and then the rows of some blocks at a time, see `ordering`. None shuffles all rows at once.
    """

    epochs: Annotated[int, Field(ge=1, le=10_000_000)] = 200
    batch_size: Annotated[int, Field(ge=1, le=16_777_216)] | Literal["full"] = 32
    shuffle: bool = True
    shuffle_block: BlockRows | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    early_stopping: EarlyStopping | None = None


class Definition(Record):
    """Everything that the trainer needs besides the data."""

    network: Network
    loss: Loss
    optimizer: Optimizer = Adam()
    schedule: Schedule = Constant()
    regularization: Regularization = Regularization()
    training: Plan = Plan()

    def resolve(self, inputs: int, outputs: int) -> Self:
        """The same definition with nothing left open, for `inputs` input columns and `outputs` target columns.

        Fills the output layer's units, each layer's activation (hidden: relu; output: the one the loss is made for) and
        each layer's initializer.

        Raises:
            DefinitionError: with every fault found: hidden layers without units, an output layer whose units are not
                `outputs`, weights and biases of the wrong shape, a loss whose range the output activation leaves, and
                what `method_faults` finds.
        """
        network, found = resolve_network(self.network, self.loss.name, inputs, outputs)
        faults = (*found, *method_faults(self.optimizer, self.schedule, self.network.dtype))
        if faults:
            raise DefinitionError(faults)
        return self.model_copy(update={"network": network})


def method_faults(optimizer: Optimizer, schedule: Schedule, dtype: Dtype) -> Iterator[Fault]:
    """What would be ignored, or do the opposite of its name, in the way that a network of this dtype is trained."""
    # An epsilon that rounds to 0 lets the first gradient of 0 be divided by 0.
    smallest = float(np.finfo(dtype).tiny)
    if getattr(optimizer, "epsilon", smallest) < smallest:
        yield Fault(
            "/optimizer/epsilon", f"An epsilon below {smallest:.3g} is as good as 0 in {dtype}; take a larger one."
        )
    if isinstance(optimizer, Sgd) and optimizer.nesterov and not optimizer.momentum:
        yield Fault(
            "/optimizer/nesterov",
            "Nesterov's form is one of momentum; give a momentum above 0, such as 0.9, or leave it out.",
        )
    if getattr(schedule, "minimum", 0.0) > optimizer.learning_rate:
        yield Fault(
            "/schedule/minimum",
            f"The schedule lowers the learning rate, which begins at {optimizer.learning_rate:g}; give a minimum that "
            "is not above it.",
        )
