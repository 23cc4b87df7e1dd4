"""All that changes while a network is trained: some arrays and some plain numbers, and nothing hidden anywhere else.

An engine advances a state in place; a checkpoint is a state written down; two equal states go on equally, bit for bit.
"""

import math
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.numerics import Array, Doubles
from deltarule.backprop.optimizers import OPTIMIZERS
from deltarule.backprop.parameters import Parameters


class Stop(IntEnum):
    """Why there is nothing left to train, as a number that an array can hold."""

    GOING_ON = 0
    EPOCHS_DONE = 1
    EARLY_STOPPING = 2
    DIVERGED = 3


@dataclass(slots=True)
class Progress:
    """Where the training is.

    Attributes:
        epoch: epochs completed.
        batch: batches done of the epoch after them.
        step: steps done in all.
        loss_sum: Σ w l over the samples of those batches, each loss from before its batch's update.
        best_loss: the lowest monitored loss so far that early stopping counts as an improvement.
        best_epoch: its epoch, from 1; 0 is the start.
        waited: epochs since then.
        plateau_loss, plateau_waited, reductions: the same for `reduce_on_plateau`, and how often it has fired.
        stop: whether and why the training is over.
        diverged_layer: with `Stop.DIVERGED` the layer where it was seen first, from 0.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    best_loss: float = math.inf
    best_epoch: int = 0
    waited: int = 0
    plateau_loss: float = math.inf
    plateau_waited: int = 0
    reductions: int = 0
    stop: int = Stop.GOING_ON
    diverged_layer: int = 0


@dataclass(slots=True)
class State:
    """The flat vectors and the progress.

    Attributes:
        parameters: as the last step left them.
        last: as the last completed epoch left them, finite.
        best: those of `progress.best_epoch`.
        memory: what the optimizer remembers, vectors × parameters.
        numbers: what else it remembers.
        norms: for each layer the sum of its gradient norms over the batches of the current epoch.
        progress: where the training is.
    """

    parameters: Array
    last: Array
    best: Array
    memory: Array
    numbers: Doubles
    norms: Doubles
    progress: Progress = field(default_factory=Progress)


def initial_state(definition: Definition, start: Parameters) -> State:
    """The state before the first step, from these parameters (copied)."""
    method = OPTIMIZERS[definition.optimizer.name]
    vector = start.vector
    return State(
        parameters=vector.copy(),
        last=vector.copy(),
        best=vector.copy(),
        memory=np.zeros((method.vectors(definition.optimizer), vector.size), vector.dtype),
        numbers=np.array(method.numbers, np.float64),
        norms=np.zeros(len(start.layout.layers)),
    )
