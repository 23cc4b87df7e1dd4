"""A job as it is answered: what was asked, where it stands, what it came to."""

from typing import Any

from pydantic import Field

from deltarule.store.records import HistoryRow, Job, Transition
from deltarule.store.states import Status
from service.schemas.answer import Answer, Document, Id, Link, Moment
from service.schemas.pages import Next, NoQuery
from service.thinning import FEWEST_POINTS

LONGEST_WAIT = 60
HISTORY_COLUMNS = ("epoch", "training_loss", "validation_loss", "learning_rate", "seconds", "gradient_norm")
MOST_EPOCHS = 2**31 - 1
MOST_POINTS = 100_000


class JobQuery(NoQuery):
    """How long to wait for news."""

    wait: float = Field(
        default=0, ge=0, le=LONGEST_WAIT, description="Answer when the status changes, or after so many seconds."
    )


class HistoryQuery(NoQuery):
    """Which epochs."""

    since_epoch: int = Field(default=0, ge=0, le=MOST_EPOCHS, description="Only the epochs after this one.")
    points: int | None = Field(
        default=None,
        ge=FEWEST_POINTS,
        le=MOST_POINTS,
        description="At most so many epochs: the first, the last, the best, and the lowest and highest in between.",
    )


class ProgressAnswer(Answer):
    """How far a run is."""

    epoch: int
    epochs: int
    fraction: float = Field(ge=0, le=1)
    samples_per_second: float | None
    eta_seconds: float | None = Field(description="Seconds left, as far as can be said.")

    @classmethod
    def of(cls, job: Job) -> "ProgressAnswer":
        """How far the job is; before a worker has said anything, at its beginning."""
        if job.progress is not None:
            return cls.model_validate(job.progress, from_attributes=True)
        epochs = job.spec["training"]["epochs"]
        return cls(epoch=0, epochs=epochs, fraction=0.0, samples_per_second=None, eta_seconds=None)


class TransitionAnswer(Answer):
    """One change of state."""

    at: Moment = Field(serialization_alias="when")
    source: Status | None = Field(serialization_alias="from")
    target: Status = Field(serialization_alias="to")
    attempt: int
    why: str


class JobLinks(Answer):
    """What belongs to a job; null where there is none (yet, or any more)."""

    self: Link
    history: Link
    events: Link
    cancel: Link | None
    model: Link | None
    dataset: Link | None


class JobAnswer(Answer):
    """A training job."""

    id: Id
    name: str | None
    status: Status
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    attempt: int = Field(ge=0, description="How often a worker began it.")
    spec: Document = Field(description="The job with every default that was chosen; it may be posted again as it is.")
    engine: str | None = Field(description="What trains it: compiled or numpy; null until a worker has begun.")
    threads: int | None = Field(
        description="How many threads multiply its matrices, kept the same for its life; null until a worker has begun."
    )
    progress: ProgressAnswer
    metrics: dict[str, float | None] = Field(description="The latest figures by name.")
    stop_reason: str | None
    warnings: tuple[str, ...]
    error: Document | None = Field(description="A problem object: why the job failed and what to change.")
    model_id: Id | None
    links: JobLinks

    @classmethod
    def of(cls, job: Job) -> "JobAnswer":
        """The answer for this record."""
        return cls(**_fields(job))


class JobDetail(JobAnswer):
    """A training job, with every change of its state."""

    transitions: tuple[TransitionAnswer, ...]

    @classmethod
    def with_transitions(cls, job: Job, transitions: tuple[Transition, ...]) -> "JobDetail":
        """The answer for these records."""
        moves = tuple(TransitionAnswer.model_validate(move, from_attributes=True) for move in transitions)
        return cls(**_fields(job), transitions=moves)


class JobPage(Answer):
    """A page of jobs, newest first."""

    items: tuple[JobAnswer, ...]
    next: Next


class Estimate(Answer):
    """What a run is expected to take."""

    parameters: int
    memory_bytes: int
    seconds: float | None


class Validation(Answer):
    """A job that would be accepted as it stands."""

    spec: Document = Field(description="The job with every default that would be chosen.")
    estimate: Estimate
    warnings: tuple[str, ...]


class History(Answer):
    """The loss history, a list for each quantity and an entry for each epoch that is kept."""

    every: int = Field(
        description="Of so many epochs one is kept, those that it divides: 1 up to 10,000 planned epochs, else 2, 4, 8 "
        "and so on. The first epoch is always kept and, once the job has ended, the last and the best."
    )
    epochs_done: int = Field(description="Epochs completed so far, kept or not.")
    epoch: list[int]
    training_loss: list[float | None]
    validation_loss: list[float | None]
    learning_rate: list[float]
    seconds: list[float]
    gradient_norm: list[list[float | None]] = Field(description="For each epoch, a norm for each layer.")

    @classmethod
    def of(cls, job: Job, rows: tuple[HistoryRow, ...]) -> "History":
        """The columns of these rows."""
        columns = {name: [getattr(row, name) for row in rows] for name in HISTORY_COLUMNS}
        done = job.progress.epoch if job.progress else 0
        return cls.model_validate({"every": job.history_every, "epochs_done": done, **columns})


def _fields(job: Job) -> dict[str, Any]:
    path = f"/v1/jobs/{job.id}"
    fields: dict[str, Any] = {name: getattr(job, name) for name in JobAnswer.model_fields if name != "links"}
    fields["progress"] = ProgressAnswer.of(job)
    fields["links"] = JobLinks(
        self=path,
        history=f"{path}/history",
        events=f"{path}/events",
        cancel=None if job.status.ended else f"{path}/cancel",
        model=f"/v1/models/{job.model_id}" if job.model_id else None,
        dataset=f"/v1/datasets/{job.dataset_id}" if job.dataset_id else None,
    )
    return fields
