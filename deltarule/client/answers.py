"""What the service answers, as frozen records; fields that a newer service adds are kept, not refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

Document = dict[str, Any]
"""A JSON object as the service sent it."""

Status = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Answer(BaseModel):
    """Base of every answer; `document` gives it back as JSON values, complete."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def document(self) -> Document:
        """The answer as JSON values, with the fields that this client does not know."""
        return self.model_dump(mode="json", exclude_unset=True)


AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class Column(Answer):
    """One column of a table: its name, its type, how many of its values are missing."""

    name: str
    type: Literal["numeric", "categorical"]
    missing: int = 0
    categories: tuple[str, ...] = ()


class Dataset(Answer):
    """An uploaded table."""

    id: str
    name: str | None
    format: str
    bytes: int
    sha256: str
    rows: int
    created_at: datetime
    columns: tuple[Column, ...]


class Progress(Answer):
    """How far a run is: `fraction` from 0 to 1, `eta_seconds` None while nothing can be said."""

    epoch: int
    epochs: int
    fraction: float
    samples_per_second: float | None = None
    eta_seconds: float | None = None


class ErrorDocument(Answer):
    """Why a job failed (a problem object, RFC 9457)."""

    title: str
    detail: str | None = None


class JobAnswer(Answer):
    """A job as it stood when it was asked for."""

    id: str
    name: str | None
    status: Status
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    spec: Document
    progress: Progress | None = None
    metrics: dict[str, float | None] = {}
    stop_reason: str | None = None
    warnings: tuple[str, ...] = ()
    error: ErrorDocument | None = None
    model_id: str | None = None


class ModelAnswer(Answer):
    """A trained model without its weights; `metrics` has `training` and `validation`."""

    id: str
    job_id: str | None
    name: str | None
    task: str
    created_at: datetime
    parameters: int
    bytes: int
    sha256: str
    network: Document
    inputs: tuple[Column, ...]
    target: Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
    metrics: dict[str, Document | None]


class Prediction(Answer):
    """What a model says of one row: `label` with `probabilities`, `value`, `values` by target, or `labels`.

    `notes` tells in words what was odd about the row, such as a category that no training row had.
    """

    label: bool | int | float | str | None = None
    labels: tuple[str, ...] | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    values: dict[str, float] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch: `number` from 1, losses as means over its samples, `seconds` of wall time, a norm for each layer."""

    number: int
    training_loss: float | None
    validation_loss: float | None
    learning_rate: float
    seconds: float
    gradient_norm: tuple[float | None, ...]


class History(Answer):
    """The loss history: one list for each quantity, one entry for each epoch."""

    epoch: tuple[int, ...]
    training_loss: tuple[float | None, ...]
    validation_loss: tuple[float | None, ...] | None = None
    learning_rate: tuple[float, ...]
    seconds: tuple[float, ...]
    gradient_norm: tuple[tuple[float | None, ...], ...] = ()

    def epochs(self) -> Iterator[Epoch]:
        """The same, epoch by epoch."""
        nothing = (None,) * len(self.epoch)
        validation, norms = self.validation_loss or nothing, self.gradient_norm or ((),) * len(self.epoch)
        columns = (self.epoch, self.training_loss, validation, self.learning_rate, self.seconds, norms)
        return (Epoch(*values) for values in zip(*columns, strict=True))

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the smallest validation loss (training loss where nothing was validated); None without any."""
        losses = (
            self.training_loss if all(loss is None for loss in self.validation_loss or ()) else self.validation_loss
        )
        known = [(loss, number) for loss, number in zip(losses or (), self.epoch, strict=True) if loss is not None]
        return min(known)[1] if known else None
