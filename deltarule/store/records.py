"""What the store is given and what it answers: frozen values, never live rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from deltarule.store.states import Status

Item = TypeVar("Item")
Made = TypeVar("Made")

Document = Mapping[str, Any]
"""A JSON object. Numbers in it that are not finite are stored as null, because JSON has no other word for them."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, newest first; `next` is the cursor of the page after it, or None at the end."""

    items: tuple[Item, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a request that made something, kept to be given again: HTTP status, Location and body."""

    status: int
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Idempotency(Generic[Made]):
    """A request that must not be carried out twice.

    `sha256` is the hexadecimal digest of everything that makes it this request (method, path and body). `answer` tells
    from the record just made what the request is answered with; it runs inside the transaction and must do no IO.
    """

    key: str
    sha256: str
    answer: Callable[[Made], Answer]


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret; its `id` is the owner of what it makes."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done for good: `subject` is the id of what it was done to, `owner` the id of a key."""

    at: datetime
    action: str
    subject: str
    owner: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class NewDataset:
    """A table whose bytes lie in the blobs already. `columns`: the contract's column objects; `targets`: its shape."""

    name: str | None
    format: str
    bytes: int
    sha256: str
    rows: int
    columns: tuple[Document, ...]
    targets: str
    blob_key: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table as it was uploaded; `blob_key` finds its bytes."""

    id: str
    name: str | None
    format: str
    bytes: int
    sha256: str
    rows: int
    columns: tuple[Document, ...]
    targets: str
    blob_key: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `fraction` from 0 to 1; `eta_seconds` is None while nothing can be said."""

    epoch: int
    epochs: int
    fraction: float
    samples_per_second: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One training job as its row stands.

    `attempt` counts the workers that began it, without those that gave it back; `metrics` are the latest figures by
    name; `error` is a problem object; `model_id` is None until there is a model, and again once that is removed.
    `threads` multiply its matrices, None until a worker has begun; of `history_every` epochs the history keeps one.
    """

    id: str
    owner: str | None
    name: str | None
    status: Status
    spec: Document
    dataset_id: str | None
    validation_dataset_id: str | None
    continued_model_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int
    engine: str | None
    progress: Progress | None
    metrics: Document
    stop_reason: str | None
    warnings: tuple[str, ...]
    error: Document | None
    model_id: str | None
    threads: int | None = None
    history_every: int = 1


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a job's state; `source` is None for the first."""

    at: datetime
    source: Status | None
    target: Status
    attempt: int
    why: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What one epoch was like. `epoch` from 1; losses are None where there are none or they are not finite.

    `gradient_norm` has one number per layer; `metrics` holds whatever else was measured, by name.
    """

    epoch: int
    training_loss: float | None
    validation_loss: float | None
    learning_rate: float
    seconds: float
    gradient_norm: tuple[float | None, ...] = ()
    metrics: Document | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a run can go on: `epoch` epochs are complete, `step` batches done, `state` is the trainer's own bytes."""

    epoch: int
    step: int
    state: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker has done since its last report; None leaves a value as it is, and the empty report says "alive".

    `warnings` replaces those that the job has; `checkpoint` replaces the last one; `elapsed` is the seconds of training
    that count against the job's time limit.
    """

    epochs: tuple[HistoryRow, ...] = ()
    progress: Progress | None = None
    metrics: Document | None = None
    checkpoint: Checkpoint | None = None
    engine: str | None = None
    threads: int | None = None
    warnings: tuple[str, ...] | None = None
    elapsed: float | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a running job, which ends when another worker takes the job, or this one is lost.

    `token` is the fencing token: it grows with every claim and is never given out twice. `attempt` is what users see,
    `time_limit_seconds` the job's, if it has one.
    """

    job_id: str
    token: int
    attempt: int
    time_limit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is now this worker's: the job, the lease to write with, and where to go on (None: from the start).

    A job that is `out_of_time`, or whose status is cancelling, is not to be trained any more, only to be ended with
    what its checkpoint holds. `stalled_attempts`: how many attempts before this one were lost in a row without a new
    checkpoint.
    """

    job: Job
    lease: Lease
    checkpoint: Checkpoint | None
    out_of_time: bool = False
    stalled_attempts: int = 0


@dataclass(frozen=True, slots=True)
class NewModel:
    """A trained model as a worker hands it over.

    `content` is the whole model, `sha256` the digest of its weights, `parameters` their number. `description` holds
    what the contract shows of it (`network`, `inputs`, `target`), `metrics` its training and validation metrics.
    """

    task: str
    parameters: int
    sha256: str
    content: bytes
    description: Document
    metrics: Document


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model without its content; `bytes` is the content's size, `sha256` the digest of the weights."""

    id: str
    job_id: str | None
    name: str | None
    task: str
    created_at: datetime
    parameters: int
    bytes: int
    sha256: str
    description: Document
    metrics: Document


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did, as job ids, and for which jobs the worker must be rung (`ring`, which has `requeued` too)."""

    ring: tuple[str, ...] = ()
    requeued: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    out_of_time: tuple[str, ...] = ()
