"""What came of a job, and what is measured on it: numbers of its history, or the word for how it ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

MeasureName = Literal[
    "stop_reason",
    "epochs",
    "training_loss",
    "validation_rise",
    "gradient_share",
    "epochs_to_loss",
]
Value: TypeAlias = float | str | None
"""None: this outcome has nothing that could be measured."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job that has ended, epoch by epoch.

    Attributes:
        stop_reason: as the service tells it.
        training_loss: of each epoch.
        validation_loss: of each epoch; empty where nothing was validated.
        gradient_norm: of each epoch and, within it, of each layer.
    """

    stop_reason: str | None
    training_loss: Sequence[float]
    validation_loss: Sequence[float] = ()
    gradient_norm: Sequence[Sequence[float]] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """How something is measured and what it is called; `of` takes the loss that an expectation counts to."""

    phrase: str
    of: Callable[[Outcome, float], Value]


def _validation_rise(outcome: Outcome, _: float) -> Value:
    losses = outcome.validation_loss
    return losses[-1] / min(losses) if losses and min(losses) > 0 else None


def _gradient_share(outcome: Outcome, _: float) -> Value:
    norms = outcome.gradient_norm[0] if outcome.gradient_norm else ()
    return norms[0] / norms[-1] if norms and norms[-1] > 0 else None


def _epochs_to_loss(outcome: Outcome, loss: float) -> Value:
    return next((float(epoch) for epoch, value in enumerate(outcome.training_loss, 1) if value <= loss), None)


MEASURES: Mapping[MeasureName, Measure] = MappingProxyType(
    {
        "stop_reason": Measure("the reason to stop", lambda outcome, _: outcome.stop_reason),
        "epochs": Measure("the number of epochs", lambda outcome, _: float(len(outcome.training_loss))),
        "training_loss": Measure(
            "the training loss of the last epoch",
            lambda outcome, _: outcome.training_loss[-1] if outcome.training_loss else None,
        ),
        "validation_rise": Measure("the last validation loss over the lowest", _validation_rise),
        "gradient_share": Measure(
            "the gradient norm of the first layer over that of the last, in the first epoch,", _gradient_share
        ),
        "epochs_to_loss": Measure("the number of epochs to a training loss of {loss:g}", _epochs_to_loss),
    }
)
WORDS = frozenset({"stop_reason"})
"""Measures that are a word."""
