"""What was lost is found again: a silent worker's job, a cancel nobody carried out, a message that never came."""

from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from deltarule.store.clock import now
from deltarule.store.database import Database
from deltarule.store.idempotency import purge
from deltarule.store.job_rows import forget_checkpoint, note_move
from deltarule.store.leases import MOST_STALLED_ATTEMPTS, NO_LEASE, QUEUED_AGAIN, lease_expired, may_go_on
from deltarule.store.records import Swept
from deltarule.store.rows import changed
from deltarule.store.states import Status
from deltarule.store.tables import JobRow

BATCH = 500
"""Jobs of each kind that one sweep takes, so that its transaction stays short; the next one takes more."""
FOLLOWING = 200
"""Jobs at the head of the queue that are rung for again; more would only fill the broker while the workers are busy."""
ADVISORY_LOCK = 0x64656C7461
"""A number that nothing else in the database locks: "delta" in ASCII."""

CANCELLED: dict[str, Any] = {
    "status": Status.CANCELLED,
    "stop_reason": "cancelled",
    "finished_at": now(),
    **NO_LEASE,
}
FAILED: dict[str, Any] = {
    "status": Status.FAILED,
    "stop_reason": "lost_too_often",
    "finished_at": now(),
    "error": {
        "type": "about:blank",
        "title": "The worker was lost too often",
        "status": 500,
        "detail": f"The worker that trained this job was lost {MOST_STALLED_ATTEMPTS} times without getting further, "
        "most likely for want of memory: try a smaller network, a smaller batch or fewer rows.",
    },
    **NO_LEASE,
}


def sweep(database: Database) -> Swept:
    """Put right whatever no worker will, in one transaction; safe anywhere, at any time, and twice at once.

    `ring` names the jobs to ring for now: ring, then tell `Jobs.rung` which went out. Of several sweeps at once on
    PostgreSQL one works, and the others answer an empty Swept.
    """
    with database.write() as session:
        if not _alone(session, database):
            return Swept()
        running = JobRow.status == Status.RUNNING
        cancelled = _move_silent(session, JobRow.status == Status.CANCELLING, CANCELLED, "its worker fell silent")
        failed = _move_silent(session, running & ~may_go_on(), FAILED, "lost_too_often")
        requeued = _move_silent(session, running & may_go_on(), QUEUED_AGAIN, "its worker fell silent")
        purge(session)
        return Swept(ring=_waiting(session), requeued=requeued, cancelled=cancelled, failed=failed)


def _alone(session: Session, database: Database) -> bool:
    """Whether no other sweep is at work; SQLite lets in one writer anyway."""
    if database.is_sqlite:
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(ADVISORY_LOCK))))


def _move_silent(session: Session, which: ColumnElement[bool], values: dict[str, Any], why: str) -> tuple[str, ...]:
    """Move those of these jobs whose lease has run out, leaving out rows that somebody is changing right now."""
    silent = select(JobRow).where(which, lease_expired()).limit(BATCH).with_for_update(skip_locked=True)
    jobs = session.scalars(silent).all()
    for job in jobs:
        source = job.status
        # A new token, so that the silent worker stays refused whatever becomes of the job.
        changed(session, update(JobRow).where(JobRow.id == job.id).values(token=JobRow.token + 1, **values))
        if values["status"].ended:
            forget_checkpoint(session, job.id)
        note_move(session, job.id, source, values["status"], attempt=job.attempt, why=why)
    return tuple(job.id for job in jobs)


def _waiting(session: Session) -> tuple[str, ...]:
    """Those of the jobs that are next in the queue whose message seems to be lost."""
    waiting = select(JobRow.id, JobRow.ring_at).where(JobRow.status == Status.QUEUED)
    following = waiting.order_by(JobRow.id).limit(FOLLOWING).subquery()
    return tuple(session.scalars(select(following.c.id).where(following.c.ring_at <= now()).order_by(following.c.id)))
