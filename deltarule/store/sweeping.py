"""What was lost is found again: a silent worker's job, a deadline that passed unseen, a message that never came."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deltarule.store.clock import now
from deltarule.store.database import Database
from deltarule.store.idempotency import purge
from deltarule.store.leases import lease_expired, waits
from deltarule.store.losing import held, lose, stop_late, together
from deltarule.store.losses import SILENT
from deltarule.store.records import Swept
from deltarule.store.sessions import forget_ended
from deltarule.store.states import HELD, Status
from deltarule.store.tables import JobRow

FOLLOWING = 200
"""Jobs at the head of the queue that are rung for again; more would only fill the broker while the workers are busy."""
ADVISORY_LOCK = 0x64656C7461
"""A number that nothing else in the database locks: "delta" in ASCII."""


def sweep(database: Database) -> Swept:
    """Put right whatever no worker will, in one transaction; safe anywhere, at any time, and twice at once.

    `ring` names the jobs to ring for now: ring, then tell `Jobs.rung` which went out. Of several sweeps at once on
    PostgreSQL one works, and the others answer an empty Swept.
    """
    with database.write() as session:
        if not _alone(session, database):
            return Swept()
        late = (JobRow.status == Status.RUNNING) & (JobRow.deadline_at < now())
        done = [lose(session, job, SILENT) for job in held(session, JobRow.status.in_(HELD) & lease_expired())]
        done += [stop_late(session, job) for job in held(session, late)]
        purge(session)
        forget_ended(session)
        return replace(together(done), ring=_unheard(session))


def still_waiting(database: Database, job_ids: Iterable[str]) -> tuple[str, ...]:
    """Those of these jobs that no worker has taken yet, or that wait again."""
    with database.read() as session:
        return tuple(session.scalars(select(JobRow.id).where(JobRow.id.in_(job_ids), waits())))


def _alone(session: Session, database: Database) -> bool:
    """Whether no other sweep is at work; SQLite lets in one writer anyway."""
    if database.is_sqlite:
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(ADVISORY_LOCK))))


def _unheard(session: Session) -> tuple[str, ...]:
    """Those of the jobs that are next in the queue whose message seems to be lost."""
    following = select(JobRow.id, JobRow.ring_at).where(waits()).order_by(JobRow.id).limit(FOLLOWING).subquery()
    return tuple(session.scalars(select(following.c.id).where(following.c.ring_at <= now()).order_by(following.c.id)))
