"""The guard of every worker's write: the token on the row is the one it was given, and the state allows it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from deltarule.store.clock import from_now, now
from deltarule.store.history import write_history
from deltarule.store.job_rows import forget_checkpoint, note_move
from deltarule.store.losses import SILENT
from deltarule.store.records import Checkpoint, Document, Lease, NewModel, Report
from deltarule.store.rows import changed, whole
from deltarule.store.states import HELD, MOVES, Status, Verdict
from deltarule.store.tables import Base, CheckpointRow, HistoryEntry, JobRow, ModelRow

MOST_STALLED_ATTEMPTS = 3
"""Attempts in a row that were lost without getting further, after which a job is given up."""
MOST_ATTEMPTS = 100
"""Attempts of any kind, after which a job is given up."""

PREPARING_SECONDS = 1800.0
"""How long reading the data of a job, or making its model, may take."""
OVERTIME_SECONDS = 120.0
"""How long a training may last beyond its job's time limit before it is ended from outside."""

WHOLE = whole(JobRow)
ADD_MODEL = insert(Base.metadata.tables[ModelRow.__tablename__])
AFTERWARDS = (
    JobRow.id,
    JobRow.owner,
    JobRow.name,
    JobRow.status,
    JobRow.attempt,
    JobRow.token,
    JobRow.cancel_requested_at,
)
"""What is asked of a job after a worker has written to it."""

NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_expires_at": None}
UNHEARD: dict[str, Any] = {"ring_at": now(), "ring_count": 0}
QUEUED_AGAIN: dict[str, Any] = {"status": Status.QUEUED, "deadline_at": None, **UNHEARD, **NO_LEASE}
GIVEN_BACK: dict[str, Any] = {
    **QUEUED_AGAIN,
    "attempt": JobRow.attempt - 1,
    # Not below 0, where a checkpoint of this attempt has put it.
    "stalled_attempts": case((JobRow.stalled_attempts > 0, JobRow.stalled_attempts - 1), else_=0),
}

PUT_OFF_SECONDS = (5, 10, 20, 40, 80, 160)
LONGEST_PUT_OFF_SECONDS = 300
PUT_OFF: dict[str, Any] = {
    **GIVEN_BACK,
    "ring_at": case(
        {count: from_now(seconds) for count, seconds in enumerate(PUT_OFF_SECONDS)},
        value=JobRow.ring_count,
        else_=from_now(LONGEST_PUT_OFF_SECONDS),
    ),
    "ring_count": JobRow.ring_count + 1,
}


def may_go_on() -> ColumnElement[bool]:
    """Whether a job may have one more attempt."""
    return (JobRow.stalled_attempts < MOST_STALLED_ATTEMPTS) & (JobRow.attempt < MOST_ATTEMPTS)


def waits() -> ColumnElement[bool]:
    """Whether a job waits for a worker: to be trained, or to be ended where its worker was lost while cancelling."""
    return (JobRow.status == Status.QUEUED) | ((JobRow.status == Status.CANCELLING) & JobRow.lease_owner.is_(None))


def lease_expired() -> ColumnElement[bool]:
    """Whether the job's worker has been silent for the whole lease, by the database's clock."""
    return JobRow.lease_expires_at < now()


def claimable(session: Session, job_id: str) -> Row[*tuple[Any, ...]] | None:
    """The job's row as it is, held until the commit, if it may be taken; `late`: it waits although its deadline passed.

    The latter is one that `sweep` took from a worker that had not looked up. The job is waited for instead of skipped
    where somebody holds the row for a moment, because that may be the service noting that it has rung: the message
    would be spent, and the job would wait for the next ring.
    """
    abandoned = (JobRow.status == Status.RUNNING) & lease_expired() & may_go_on()
    late = (JobRow.status == Status.QUEUED) & (JobRow.deadline_at < now())
    statement = select(*WHOLE, late.label("late")).where(JobRow.id == job_id, waits() | abandoned).with_for_update()
    return session.connection().execute(statement).one_or_none()


def take(
    session: Session, job: Row[*tuple[Any, ...]], lease_owner: str, lease_seconds: float
) -> tuple[Lease, Status, datetime]:
    """Give the job, which `claimable` holds, to this worker under a new token; one that is cancelling stays so.

    Answers the lease, and the job's status and when it was started, as they are then.
    """
    limit = job.spec.get("training", {}).get("time_limit_seconds")
    status = Status.CANCELLING if job.status is Status.CANCELLING else Status.RUNNING
    values = {
        "status": status,
        # A time limit counts training alone; how long the data took is known when the first report comes.
        "deadline_at": None if limit is None else from_now(limit + PREPARING_SECONDS),
        "token": JobRow.token + 1,
        "attempt": JobRow.attempt + 1,
        "stalled_attempts": JobRow.stalled_attempts + 1,
        "started_at": func.coalesce(JobRow.started_at, now()),
        "lease_owner": lease_owner,
        "lease_expires_at": from_now(lease_seconds),
    }
    changes = update(JobRow).where(JobRow.id == job.id).values(values)
    taken = session.connection().execute(changes.returning(JobRow.token, JobRow.attempt, JobRow.started_at)).one()
    return Lease(job.id, taken.token, taken.attempt, limit), status, taken.started_at


def deadline(lease: Lease, report: Report) -> dict[str, Any]:
    """What a report says of the job's deadline: as much training as the job's time limit has left, and the overtime.

    Who reports looks up, and holds the limit by itself; what goes by beside the training counts against nobody.
    """
    if lease.time_limit_seconds is None or report.elapsed is None:
        return {}
    return {"deadline_at": from_now(max(0.0, lease.time_limit_seconds - report.elapsed) + OVERTIME_SECONDS)}


def note_claim(session: Session, before: Row[*tuple[Any, ...]], lease: Lease, lease_owner: str) -> None:
    """Keep the moves of a claim: a job that is taken over was lost first, and one that is cancelling does not move."""
    if before.status is Status.RUNNING:
        lost = f"worker {spoken(before.lease_owner)} {SILENT.words}"
        note_move(session, before.id, Status.RUNNING, Status.QUEUED, attempt=before.attempt, why=lost)
    if before.status is not Status.CANCELLING:
        taken = f"taken by worker {spoken(lease_owner)}"
        note_move(session, before.id, Status.QUEUED, Status.RUNNING, attempt=lease.attempt, why=taken)


def spoken(lease_owner: str | None) -> str:
    """The name of a worker for people: "worker1@host/1234", without what only tells its process from others."""
    return "/".join((lease_owner or "").split("/")[:2])


def guarded(
    session: Session, lease: Lease, statuses: Iterable[Status], values: Mapping[str, Any]
) -> Row[*tuple[Any, ...]] | None:
    """Change the job if the token is still its own and it is in one of these states; `AFTERWARDS` of it, or None."""
    ours = (JobRow.id == lease.job_id) & (JobRow.token == lease.token) & JobRow.status.in_(statuses)
    return session.connection().execute(update(JobRow).where(ours).values(values).returning(*AFTERWARDS)).one_or_none()


def why_not(session: Session, lease: Lease) -> Verdict:
    """What to tell a worker whose write was refused."""
    ours = (JobRow.id == lease.job_id) & (JobRow.token == lease.token)
    status = session.scalars(select(JobRow.status).where(ours)).one_or_none()
    return Verdict.CANCEL if status is Status.CANCELLING else Verdict.STOP


def written(
    session: Session, lease: Lease, statuses: Iterable[Status], report: Report, values: Mapping[str, Any]
) -> Row[*tuple[Any, ...]] | None:
    """A guarded change and everything the report holds; None, and nothing written, when the guard refuses."""
    job = guarded(session, lease, statuses, {**_facts(report), **values})
    if job is not None:
        write_history(session, lease.job_id, report.epochs)
        if report.checkpoint is not None:
            _save_checkpoint(session, lease, report.checkpoint)
    return job


def end(
    session: Session,
    lease: Lease,
    target: Status,
    report: Report,
    model: NewModel | None,
    *,
    stop_reason: str,
    error: Document | None = None,
) -> bool:
    """Move the job to an end state from wherever in a worker's hands that is allowed; False when it is not."""
    sources = [status for status in HELD if target in MOVES[status]]
    ending = {"status": target, "stop_reason": stop_reason, "finished_at": now(), **NO_LEASE}
    if error is not None:
        ending["error"] = dict(error)
    job = written(session, lease, sources, replace(report, checkpoint=None), ending)
    if job is None:
        return False
    if model is not None:
        _insert_model(session, job, model)
    forget_checkpoint(session, job.id)
    source = Status.CANCELLING if job.cancel_requested_at else Status.RUNNING
    note_move(session, job.id, source, target, attempt=job.attempt, why=stop_reason)
    return True


def left_behind(session: Session, lease: Lease) -> Checkpoint | None:
    """Where the job can go on, if anywhere; the epochs that a run which goes on from there writes again are deleted."""
    if lease.token == 1:  # nobody had the job before
        return None
    row = session.get(CheckpointRow, lease.job_id)
    beyond = (HistoryEntry.job_id == lease.job_id) & (HistoryEntry.epoch > (row.epoch if row else 0))
    changed(session, delete(HistoryEntry).where(beyond))
    return Checkpoint(row.epoch, row.step, row.state) if row else None


def _facts(report: Report) -> dict[str, Any]:
    facts = {
        "progress": asdict(report.progress) if report.progress else None,
        "metrics": dict(report.metrics) if report.metrics is not None else None,
        "engine": report.engine,
        "threads": report.threads,
        "warnings": list(report.warnings) if report.warnings is not None else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _save_checkpoint(session: Session, lease: Lease, checkpoint: Checkpoint) -> None:
    """Replace the job's checkpoint; one that is further than the last proves that the attempts get somewhere."""
    last = session.scalars(select(CheckpointRow.step).where(CheckpointRow.job_id == lease.job_id)).one_or_none()
    forget_checkpoint(session, lease.job_id)
    session.execute(insert(CheckpointRow).values(job_id=lease.job_id, token=lease.token, **asdict(checkpoint)))
    if checkpoint.step > (last or 0):
        changed(session, update(JobRow).where(JobRow.id == lease.job_id).values(stalled_attempts=0))


def _insert_model(session: Session, job: Row[*tuple[Any, ...]], model: NewModel) -> None:
    values = {
        "owner": job.owner,
        "job_id": job.id,
        "name": job.name,
        "task": model.task,
        "parameters": model.parameters,
        "bytes": len(model.content),
        "sha256": model.sha256,
        "description": dict(model.description),
        "metrics": dict(model.metrics),
        "content": model.content,
    }
    session.connection().execute(ADD_MODEL, values)
