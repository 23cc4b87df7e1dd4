"""The side of a job that users see: submit, look, cancel, remove."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Float, bindparam, case, delete, insert, select, update
from sqlalchemy.orm import Session

from deltarule.store import totals
from deltarule.store.audit import note
from deltarule.store.clock import from_now, now
from deltarule.store.database import Database
from deltarule.store.datasets import insert_dataset
from deltarule.store.errors import Conflict
from deltarule.store.idempotency import once
from deltarule.store.identifiers import new_id
from deltarule.store.job_rows import (
    forget_checkpoint,
    history_of,
    history_record,
    job_record,
    job_with_model,
    losses_of,
    note_move,
    read_job,
    read_job_with_moves,
    status_of,
)
from deltarule.store.leases import waits
from deltarule.store.quotas import UNLIMITED, Quotas
from deltarule.store.records import (
    Dataset,
    Document,
    HistoryRow,
    Idempotency,
    Job,
    NewDataset,
    Page,
    Transition,
)
from deltarule.store.rows import changed, page, require, stored_owner, whole
from deltarule.store.states import HELD, Status
from deltarule.store.tables import Base, DatasetRow, JobRow, ModelRow

RING_SECONDS = (30, 60, 120, 240)
LONGEST_RING_SECONDS = 300

ADD = (
    insert(Base.metadata.tables[JobRow.__tablename__])
    .values(ring_at=from_now(bindparam("ring_after", type_=Float())))
    .returning(*whole(JobRow))
)


class Jobs:
    """The jobs of all owners; every method sees those of one. What workers do to them is in `Attempts`."""

    def __init__(self, database: Database, quotas: Quotas = UNLIMITED) -> None:
        self._database = database
        self._quotas = quotas

    def add(
        self,
        owner: str | None,
        *,
        name: str | None,
        spec: Document,
        dataset_id: str | None = None,
        inline: NewDataset | None = None,
        validation_dataset_id: str | None = None,
        continued_model_id: str | None = None,
        warnings: Sequence[str] = (),
        history_every: int = 1,
        ring_after: float = 0.0,
        idempotency: Idempotency[Job] | None = None,
    ) -> Job:
        """Queue a job on `dataset_id`, or on the dataset that `inline` becomes in the same transaction.

        The spec's `data` is then replaced by that dataset's id. Raises NotFound for a dataset or model that is not the
        owner's, Replayed, IdempotencyMismatch, LimitReached, Refused or Unavailable; then nothing was made. The bytes
        of `inline` are the caller's to release, whatever came of it. `history_every`: of how many epochs the history
        keeps one. `ring_after`: the seconds until a sweep rings for it, for a caller who rings first.
        """

        def make() -> Job:
            self._quotas.refuse_job(session, owner)
            made = insert_dataset(session, owner, inline, self._quotas) if inline else None
            needs = _needs(session, owner, made.id if made else dataset_id, validation_dataset_id, continued_model_id)
            values = {
                "id": new_id(),
                "owner": stored_owner(owner),
                "name": name,
                "spec": _with_dataset(spec, made),
                "warnings": list(warnings),
                "history_every": history_every,
                "ring_after": ring_after,
                **needs,
            }
            row = session.connection().execute(ADD, values).one()
            note_move(session, row.id, None, Status.QUEUED, attempt=0, why="submitted")
            return job_record(row, None)

        with self._database.write() as session:
            return once(session, owner, idempotency, make)

    def get(self, owner: str | None, identifier: str) -> Job:
        """One job; raises NotFound."""
        return read_job(self._database, owner, identifier)

    def status(self, owner: str | None, identifier: str) -> Status:
        """Only the status, for those who ask often; raises NotFound."""
        return status_of(self._database, owner, identifier)

    def page(
        self,
        owner: str | None,
        limit: int = 50,
        cursor: str | None = None,
        *,
        status: Status | None = None,
        name: str | None = None,
    ) -> Page[Job]:
        """One page of the owner's jobs, newest first, of this status and name if given; raises InvalidCursor."""
        statement = job_with_model().where(JobRow.owner == stored_owner(owner))
        if status is not None:
            statement = statement.where(JobRow.status == status)
        if name is not None:
            statement = statement.where(JobRow.name == name)
        with self._database.read() as session:
            return page(
                session,
                statement,
                table=JobRow,
                limit=limit,
                cursor=cursor,
                record=job_record,
            )

    def with_transitions(self, owner: str | None, identifier: str) -> tuple[Job, tuple[Transition, ...]]:
        """One job with every change of its state, oldest first; raises NotFound."""
        return read_job_with_moves(self._database, owner, identifier)

    def transitions(self, owner: str | None, identifier: str) -> tuple[Transition, ...]:
        """Every change of the job's state, oldest first; raises NotFound."""
        return self.with_transitions(owner, identifier)[1]

    def history(self, owner: str | None, identifier: str, since_epoch: int = 0) -> tuple[HistoryRow, ...]:
        """The epochs after `since_epoch`, in order; raises NotFound."""
        with self._database.read() as session:
            read_job(session, owner, identifier)
            return tuple(history_record(row) for row in session.execute(history_of(identifier, since_epoch)))

    def losses(self, owner: str | None, steps: Mapping[str, int]) -> dict[str, tuple[float | None, ...]]:
        """For each of these jobs that is the owner's: the loss of every so-manieth epoch, validation's where it is.

        Only as much is read as a small curve needs, because a list of jobs asks for many.
        """
        with self._database.read() as session:
            statement = select(JobRow.id).where(JobRow.id.in_(steps), JobRow.owner == stored_owner(owner))
            return {
                identifier: tuple(session.scalars(losses_of(identifier, steps[identifier])))
                for identifier in session.scalars(statement).all()
            }

    def cancel(self, owner: str | None, identifier: str) -> Job:
        """Cancel a queued job at once, or ask the worker of a running one to stop; asking twice changes nothing.

        Raises NotFound, or Conflict when the job has ended.
        """
        with self._database.write() as session:
            require(session, JobRow, owner, identifier, alone=True)
            job = read_job(session, owner, identifier)
            if job.status.ended:
                raise Conflict(f"The job has ended already: it is {job.status}.")
            if job.status is not Status.CANCELLING:
                _cancel(session, job)
            return read_job(session, owner, identifier)

    def remove(self, owner: str | None, identifier: str) -> None:
        """Remove a job with its history, transitions and checkpoint; its model and dataset stay.

        Raises NotFound, or Conflict while a worker has it.
        """
        with self._database.write() as session:
            require(session, JobRow, owner, identifier, alone=True)
            job = read_job(session, owner, identifier)
            if job.status in HELD:
                raise Conflict(f"The job is {job.status}; cancel it and wait for its end before removing it.")
            totals.keep(session, identifier)
            session.execute(delete(JobRow).where(JobRow.id == identifier))
            note(session, "job removed", identifier, owner)

    def unheard(self, identifier: str) -> None:
        """The worker could not be told of this job: the next sweep tries it."""
        with self._database.write() as session:
            changed(session, update(JobRow).where(JobRow.id == identifier, waits()).values(ring_at=now()))

    def rung(self, *identifiers: str) -> None:
        """The worker was told of these jobs: it is told again only after 30 s, then 60 s, ... and at most 300 s."""
        with self._database.write() as session:
            put_off_ringing(session, identifiers)


def put_off_ringing(session: Session, identifiers: Sequence[str]) -> None:
    """Let the next ring wait twice as long as the last, because the message is most likely in a long queue."""
    times = {count: from_now(seconds) for count, seconds in enumerate(RING_SECONDS)}
    pause = case(times, value=JobRow.ring_count, else_=from_now(LONGEST_RING_SECONDS))
    waiting = update(JobRow).where(JobRow.id.in_(identifiers), waits())
    changed(session, waiting.values(ring_at=pause, ring_count=JobRow.ring_count + 1))


def _needs(
    session: Session,
    owner: str | None,
    dataset_id: str | None,
    validation_dataset_id: str | None,
    continued_model_id: str | None,
) -> dict[str, str | None]:
    """What the job needs, each held until the commit so that nobody removes it meanwhile."""
    for identifier in (dataset_id, validation_dataset_id):
        if identifier is not None:
            require(session, DatasetRow, owner, identifier)
    if continued_model_id is not None:
        require(session, ModelRow, owner, continued_model_id)
    return {
        "dataset_id": dataset_id,
        "validation_dataset_id": validation_dataset_id,
        "continued_model_id": continued_model_id,
    }


def _with_dataset(spec: Document, made: Dataset | None) -> dict[str, Any]:
    return {**spec, "data": None, "dataset_id": made.id} if made else dict(spec)


def _cancel(session: Session, job: Job) -> None:
    target = Status.CANCELLED if job.status is Status.QUEUED else Status.CANCELLING
    values: dict[str, Any] = {"status": target, "cancel_requested_at": now()}
    if target is Status.CANCELLED:
        values |= {"stop_reason": "cancelled", "finished_at": now()}
        forget_checkpoint(session, job.id)
    changed(session, update(JobRow).where(JobRow.id == job.id).values(values))
    note_move(session, job.id, job.status, target, attempt=job.attempt, why="cancel was asked for")
