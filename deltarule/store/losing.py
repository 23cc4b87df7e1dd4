"""What becomes of a job when its worker is lost: decided here, once, whoever noticed it."""

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from deltarule.store.clock import now
from deltarule.store.job_rows import forget_checkpoint, note_move
from deltarule.store.leases import (
    GIVEN_BACK,
    MOST_ATTEMPTS,
    MOST_STALLED_ATTEMPTS,
    NO_LEASE,
    QUEUED_AGAIN,
    UNHEARD,
    spoken,
)
from deltarule.store.losses import Loss
from deltarule.store.records import Document, Swept
from deltarule.store.rows import changed
from deltarule.store.states import Status
from deltarule.store.tables import CheckpointRow, JobRow

BATCH = 500
"""Jobs of each kind that one transaction takes, so that it stays short; the next one takes more."""


def held(session: Session, which: ColumnElement[bool]) -> tuple[JobRow, ...]:
    """Those of these jobs that nobody else is changing right now, held until the commit."""
    statement = select(JobRow).where(which).limit(BATCH).with_for_update(skip_locked=True)
    return tuple(session.scalars(statement))


def lose(session: Session, job: JobRow, loss: Loss) -> Swept:
    """Take the job from its lost worker: it waits again, or it ends.

    One that is cancelling and has a checkpoint waits for a worker that makes a model of it.
    """
    why = f"worker {spoken(job.lease_owner)} {loss.words}"
    go_on = job.stalled_attempts < MOST_STALLED_ATTEMPTS and job.attempt < MOST_ATTEMPTS
    if job.status is Status.CANCELLING:
        if go_on and _has_checkpoint(session, job):
            _change(session, job, {**UNHEARD, **NO_LEASE})
            return Swept(ring=(job.id,))
        _end(session, job, Status.CANCELLED, why, stop_reason="cancelled")
        return Swept(cancelled=(job.id,))
    if go_on:
        _change(session, job, QUEUED_AGAIN)
        note_move(session, job.id, job.status, Status.QUEUED, attempt=job.attempt, why=why)
        return Swept(ring=(job.id,), requeued=(job.id,))
    error = _lost_too_often(job, loss)
    _end(session, job, Status.FAILED, why, stop_reason="lost_too_often", error=error)
    return Swept(failed=(job.id,))


def give_back(session: Session, job: JobRow, loss: Loss) -> Swept:
    """Take a running job from a worker that was shut down before it could give it back: the attempt does not count."""
    if job.status is Status.CANCELLING:
        return lose(session, job, loss)
    _change(session, job, GIVEN_BACK)
    why = "the worker was shut down amid a long step, and its attempt was given back"
    note_move(session, job.id, job.status, Status.QUEUED, attempt=job.attempt, why=why)
    return Swept(ring=(job.id,), requeued=(job.id,))


def stop_late(session: Session, job: JobRow) -> Swept:
    """End a job whose deadline its worker lets pass; one with a checkpoint waits for a worker to make a model of it."""
    why = "its time limit passed while its worker did not look up"
    if not _has_checkpoint(session, job):
        _end(session, job, Status.FAILED, why, stop_reason="time_limit", error=OUT_OF_TIME)
        return Swept(failed=(job.id,))
    # The deadline stays, so that whoever takes the job knows.
    _change(session, job, {**QUEUED_AGAIN, "deadline_at": JobRow.deadline_at})
    note_move(session, job.id, job.status, Status.QUEUED, attempt=job.attempt, why=why)
    return Swept(ring=(job.id,), out_of_time=(job.id,))


def together(parts: list[Swept]) -> Swept:
    """What all of these did."""
    names = Swept.__dataclass_fields__
    return Swept(**{name: tuple(job_id for part in parts for job_id in getattr(part, name)) for name in names})


def _change(session: Session, job: JobRow, values: dict[str, Any]) -> None:
    # A new token, so that the worker which was lost stays refused whatever becomes of the job.
    changed(session, update(JobRow).where(JobRow.id == job.id).values(token=JobRow.token + 1, **values))


def _end(
    session: Session, job: JobRow, target: Status, why: str, *, stop_reason: str, error: Document | None = None
) -> None:
    values = {"status": target, "stop_reason": stop_reason, "finished_at": now(), "error": error, **NO_LEASE}
    _change(session, job, values)
    forget_checkpoint(session, job.id)
    note_move(session, job.id, job.status, target, attempt=job.attempt, why=why)


def _has_checkpoint(session: Session, job: JobRow) -> bool:
    return session.scalars(select(CheckpointRow.job_id).where(CheckpointRow.job_id == job.id)).first() is not None


OUT_OF_TIME: Document = {
    "type": "about:blank",
    "title": "The time limit passed",
    "status": 422,
    "detail": "The job's time limit passed before its first checkpoint, amid a step that took too long to look up. "
    "Raise `time_limit_seconds`, or train a smaller network, smaller batches or fewer rows.",
}


def _lost_too_often(job: JobRow, loss: Loss) -> Document:
    """The problem that tells a job's owner how its worker went the last time, and what to change."""
    times = min(job.stalled_attempts, job.attempt)
    often = f"{times} times in a row without getting further" if times >= MOST_STALLED_ATTEMPTS else "very often"
    detail = f"The worker that trained this job was lost {often}; the last time it {loss.words}. "
    advice = f"{loss.advice[0].upper()}{loss.advice[1:]}."
    return {
        "type": "about:blank",
        "title": "The worker was lost too often",
        "status": 500,
        "detail": detail + advice,
    }
