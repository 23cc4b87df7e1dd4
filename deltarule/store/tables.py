"""The rows: everything that lasts is in one of these tables, and a job is its row."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from deltarule.store.clock import Moment, now
from deltarule.store.identifiers import new_id
from deltarule.store.states import Status

VERSION = "0006"
"""The newest migration, which has built these tables."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Id = String(36)
State = Enum(Status, native_enum=False, create_constraint=False, length=16, values_callable=list)
STATES = ", ".join(f"'{status}'" for status in Status)


class Base(DeclarativeBase):
    """The base of every table; `owner` is a key's id, and empty where the service runs without keys."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        float: Double(),
        bytes: LargeBinary(),
        str: Text(),
    }


class KeyRow(Base):
    """An API key; of its secret only the SHA-256 is kept."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now())
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SessionRow(Base):
    """Somebody signed in to the dashboard with a key; of the browser's token only the SHA-256 is kept."""

    __tablename__ = "sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(Id, ForeignKey("keys.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now())
    expires_at: Mapped[datetime]


class BlobRow(Base):
    """Bytes that datasets have, of whatever owners: the same bytes lie in the blobs once."""

    __tablename__ = "blobs"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column("bytes", BigInteger)


class DatasetRow(Base):
    """An uploaded table; its bytes are those of `blob_key`."""

    __tablename__ = "datasets"
    __table_args__ = (Index(None, "owner", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(Id)
    name: Mapped[str | None]
    format: Mapped[str] = mapped_column(String(16))
    size: Mapped[int] = mapped_column("bytes", BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(BigInteger)
    columns: Mapped[list[Any]]
    targets: Mapped[str] = mapped_column(String(32))
    blob_key: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now())


class JobRow(Base):
    """A job: what was asked, where it stands, who may write to it."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "owner", "id"),
        Index(None, "status", "id"),
        Index(None, "status", "lease_expires_at"),
        CheckConstraint(f"status IN ({STATES})", name="status"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(Id)
    name: Mapped[str | None]
    status: Mapped[Status] = mapped_column(State, default=Status.QUEUED)
    spec: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    # What it needs until it ends. A model has no foreign key, because models point to jobs already.
    dataset_id: Mapped[str | None] = mapped_column(Id, ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    validation_dataset_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("datasets.id", ondelete="SET NULL"), index=True
    )
    continued_model_id: Mapped[str | None] = mapped_column(Id, index=True)

    # What it has come to.
    engine: Mapped[str | None] = mapped_column(String(64))
    threads: Mapped[int | None]
    progress: Mapped[dict[str, Any] | None]
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    stop_reason: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[dict[str, Any] | None]

    # Of how many epochs the history keeps one.
    history_every: Mapped[int] = mapped_column(default=1, server_default="1")

    # Who may write to it. `token` grows with every claim; `stalled_attempts` counts those in a row without progress.
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    stalled_attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(255))
    lease_expires_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]

    # When the worker is to be told (again) that it waits.
    ring_at: Mapped[datetime] = mapped_column(default=now())
    ring_count: Mapped[int] = mapped_column(Integer, default=0)


class HistoryEntry(Base):
    """What one epoch of a job was like."""

    __tablename__ = "history"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 -- as SQLAlchemy asks for it

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    training_loss: Mapped[float | None]
    validation_loss: Mapped[float | None]
    learning_rate: Mapped[float]
    seconds: Mapped[float]
    gradient_norm: Mapped[list[Any]]
    metrics: Mapped[dict[str, Any] | None]


class CheckpointRow(Base):
    """The last point from which a job can go on; there is one at most, and none once the job has ended."""

    __tablename__ = "checkpoints"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(Integer)
    step: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[bytes]
    saved_at: Mapped[datetime] = mapped_column(default=now())


class TransitionRow(Base):
    """One change of a job's state, kept for as long as the job is."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    job_id: Mapped[str] = mapped_column(Id, ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now())
    source: Mapped[Status | None] = mapped_column(State)
    target: Mapped[Status] = mapped_column(State)
    attempt: Mapped[int] = mapped_column(Integer)
    why: Mapped[str]


class ModelRow(Base):
    """A trained model; it outlives the job that made it."""

    __tablename__ = "models"
    __table_args__ = (Index(None, "owner", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(Id)
    job_id: Mapped[str | None] = mapped_column(Id, ForeignKey("jobs.id", ondelete="SET NULL"), unique=True)
    name: Mapped[str | None]
    task: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=now())
    parameters: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column("bytes", BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    description: Mapped[dict[str, Any]]
    metrics: Mapped[dict[str, Any]]
    # Deferred, because a list of models must not read them all.
    content: Mapped[bytes] = mapped_column(deferred=True)


class IdempotencyRow(Base):
    """A request that was answered, and the answer."""

    __tablename__ = "idempotency_keys"

    owner: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer, default=0)
    location: Mapped[str | None]
    body: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now(), index=True)


class AuditRow(Base):
    """Something that cannot be undone, or lets somebody in: who did it to what, kept for good."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now())
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(36))
    owner: Mapped[str] = mapped_column(Id)
    request_id: Mapped[str | None] = mapped_column(String(64))


class RequestsRow(Base):
    """How many requests a client has made in the minute that ends at `until`."""

    __tablename__ = "requests"

    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime]


class TotalRow(Base):
    """What one figure had come to of the jobs that were removed, so that it never falls."""

    __tablename__ = "totals"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[float]
