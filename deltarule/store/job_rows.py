"""A job's rows as values, and the note that each of its moves leaves behind."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from deltarule.store.arrays import arrays
from deltarule.store.database import Database
from deltarule.store.records import HistoryRow, Job, Progress, Transition
from deltarule.store.rows import found, theirs, whole
from deltarule.store.states import MOVES, Status
from deltarule.store.tables import Base, CheckpointRow, HistoryEntry, JobRow, ModelRow, TransitionRow

ONE = (
    select(*whole(JobRow), ModelRow.id.label("model_id"))
    .outerjoin_from(JobRow, ModelRow, ModelRow.job_id == JobRow.id)
    .where(theirs(JobRow))
)
MOVES_OF_JOB = (
    select(arrays(TransitionRow.id, *(getattr(TransitionRow, field.name) for field in fields(Transition))))
    .where(TransitionRow.job_id == JobRow.id)
    .scalar_subquery()
)
ONE_WITH_MOVES = ONE.add_columns(MOVES_OF_JOB.label("moves"))
STATUS = select(JobRow.status).where(theirs(JobRow))
FORGET = delete(CheckpointRow).where(CheckpointRow.job_id == bindparam("job"))
MOVE = insert(Base.metadata.tables[TransitionRow.__tablename__])


def job_with_model() -> Select[JobRow, str]:
    """Jobs, each with the id of its model if it has one."""
    return select(JobRow, ModelRow.id).outerjoin(ModelRow, ModelRow.job_id == JobRow.id)


def read_job(where: Database | Session, owner: str | None, identifier: str) -> Job:
    """The owner's job as it is now, at a glance or in a transaction; raises NotFound."""
    row = found(where, ONE, JobRow, owner, identifier)
    return job_record(row, row.model_id)


def read_job_with_moves(
    where: Database | Session, owner: str | None, identifier: str
) -> tuple[Job, tuple[Transition, ...]]:
    """The same, in the same statement with every change of its state, oldest first."""
    row = found(where, ONE_WITH_MOVES, JobRow, owner, identifier)
    moves = (_transition(*values) for _, *values in sorted(row.moves))
    return job_record(row, row.model_id), tuple(moves)


def _transition(at: str, source: str | None, target: str, attempt: int, why: str) -> Transition:
    moment = datetime.fromisoformat(at)
    # SQLite's text has no zone, PostgreSQL's that of the session.
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Transition(moment, Status(source) if source else None, Status(target), attempt, why)


def status_of(where: Database | Session, owner: str | None, identifier: str) -> Status:
    """The same of its status only."""
    status: Status = found(where, STATUS, JobRow, owner, identifier).status
    return status


def note_move(session: Session, job_id: str, source: Status | None, target: Status, *, attempt: int, why: str) -> None:
    """Keep one change of state; the caller has made it, in the same transaction."""
    assert source is None or target in MOVES[source], f"no job moves from {source} to {target}"  # noqa: S101
    move = {"job_id": job_id, "source": source, "target": target, "attempt": attempt, "why": why}
    session.connection().execute(MOVE, move)


def forget_checkpoint(session: Session, job_id: str) -> None:
    """Drop what only a run that goes on would need."""
    session.connection().execute(FORGET, {"job": job_id})


def job_record(row: JobRow | Row[*tuple[Any, ...]], model_id: str | None) -> Job:
    """The row as a value."""
    progress = Progress(**row.progress) if row.progress else None
    if progress is not None and row.status.ended:
        progress = replace(progress, eta_seconds=None)
    return Job(
        id=row.id,
        owner=row.owner or None,
        name=row.name,
        status=row.status,
        spec=row.spec,
        dataset_id=row.dataset_id,
        validation_dataset_id=row.validation_dataset_id,
        continued_model_id=row.continued_model_id,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempt=row.attempt,
        engine=row.engine,
        progress=progress,
        metrics=row.metrics,
        stop_reason=row.stop_reason,
        warnings=tuple(row.warnings),
        error=row.error,
        model_id=model_id,
        threads=row.threads,
        history_every=row.history_every,
    )


def history_of(job_id: str, since_epoch: int) -> Select[*tuple[Any, ...]]:
    """The job's epochs after this one, in order, as plain columns, because there may be very many."""
    columns = [HistoryEntry.__table__.columns[column.name] for column in fields(HistoryRow)]
    wanted = (HistoryEntry.job_id == job_id) & (HistoryEntry.epoch > since_epoch)
    return select(*columns).where(wanted).order_by(HistoryEntry.epoch)


def losses_of(job_id: str, step: int) -> Select[*tuple[Any, ...]]:
    """The job's losses of the first epoch and of each that is a multiple of `step`, in order."""
    loss = func.coalesce(HistoryEntry.validation_loss, HistoryEntry.training_loss)
    wanted = or_(HistoryEntry.epoch == 1, HistoryEntry.epoch % step == 0)
    return select(loss).where(HistoryEntry.job_id == job_id, wanted).order_by(HistoryEntry.epoch)


def history_record(row: Row[*tuple[Any, ...]]) -> HistoryRow:
    """A row of `history_of` as a value."""
    epoch, training_loss, validation_loss, learning_rate, seconds, gradient_norm, metrics = row
    return HistoryRow(epoch, training_loss, validation_loss, learning_rate, seconds, tuple(gradient_norm), metrics)


def transition_record(row: TransitionRow) -> Transition:
    """The row as a value."""
    return Transition(at=row.at, source=row.source, target=row.target, attempt=row.attempt, why=row.why)
