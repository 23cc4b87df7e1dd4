"""What trains: given a state and a number of batches, an engine goes that far and answers what each epoch was like.

The protocol is made of arrays and plain numbers, so that an engine may be compiled and stay away from the interpreter
for many epochs: order of rows, schedule, early stopping and the watch for divergence are all its own business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.definition import Definition
from deltarule.backprop.numerics import Doubles
from deltarule.backprop.parameters import Layout
from deltarule.backprop.samples import Samples
from deltarule.backprop.state import State


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be trained, on what; `definition` is resolved, the samples are prepared."""

    definition: Definition
    layout: Layout
    training: Samples
    validation: Samples | None

    @property
    def batch_size(self) -> int:
        """Samples in a batch; the last of an epoch may have fewer."""
        size = self.definition.training.batch_size
        return len(self.training) if size == "full" else min(size, len(self.training))

    @property
    def batches(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.training) // self.batch_size)


class EpochNumbers(NamedTuple):
    """One completed epoch; without validation samples `validation_loss` is NaN."""

    number: int
    training_loss: float
    validation_loss: float
    learning_rate: float
    gradient_norm: Sequence[float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a stretch of training was like; k epochs were completed in it.

    Attributes:
        numbers: the epochs' numbers, from 1, k.
        training_loss: for each epoch the mean loss of its samples before their batch's update, k.
        validation_loss: after the epoch, k; NaN where there are no validation samples.
        learning_rate: k.
        gradient_norm: k × layers; the mean over the epoch's batches of the Euclidean norm of a layer's loss gradient.
        samples: how many were trained on.
    """

    numbers: NDArray[np.int64]
    training_loss: Doubles
    validation_loss: Doubles
    learning_rate: Doubles
    gradient_norm: Doubles
    samples: int

    @classmethod
    def of(cls, epochs: Sequence[EpochNumbers], layers: int, samples: int) -> "Stretch":
        """The epochs, column by column."""
        return cls(
            numbers=np.array([epoch.number for epoch in epochs], np.int64),
            training_loss=np.array([epoch.training_loss for epoch in epochs], np.float64),
            validation_loss=np.array([epoch.validation_loss for epoch in epochs], np.float64),
            learning_rate=np.array([epoch.learning_rate for epoch in epochs], np.float64),
            gradient_norm=np.array([epoch.gradient_norm for epoch in epochs], np.float64).reshape(-1, layers),
            samples=samples,
        )


class Engine(Protocol):
    """One way of doing the mathematics; all engines give the same numbers up to rounding.

    Attributes:
        name: for people.
        version: of everything that the last bit depends on; engines of one version give the same bits.
    """

    name: str
    version: str

    def train(self, state: State, batches: int) -> Stretch:
        """Trains at most so many batches, in place, and fewer where the training ends before.

        `state.progress.stop` tells whether it has ended. Nothing is raised for a loss that diverges, and no warning
        given: `state.last` then holds the parameters of the last epoch that was finite.
        """


class EngineMaker(Protocol):
    """Whatever makes an engine for a problem, once for each training."""

    def __call__(self, problem: Problem) -> Engine:
        """The engine, with all its buffers made."""
