"""The service in figures, for whoever watches it: all of it read from the rows, so that every process says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from deltarule.store.clock import now, seconds_between
from deltarule.store.database import Database
from deltarule.store.states import ENDED, Status
from deltarule.store.tables import HistoryEntry, JobRow, TransitionRow

DURATIONS = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)
"""Seconds up to which jobs are counted."""
BEYOND = len(DURATIONS)

BY_WORKER = TransitionRow.why.startswith("worker ")
"""What somebody else did to a job whose worker was lost; whatever a worker does itself is told in other words."""
MOVES: Mapping[str, ColumnElement[bool]] = {
    "lost_requeued": and_(BY_WORKER, TransitionRow.target == Status.QUEUED),
    "lost_failed": and_(BY_WORKER, TransitionRow.target == Status.FAILED),
    "lost_cancelled": and_(BY_WORKER, TransitionRow.target == Status.CANCELLED),
    "given_back": TransitionRow.why.startswith("the worker was shut down"),
    "out_of_time": TransitionRow.why.startswith("its time limit passed"),
    "taken_over": and_(TransitionRow.target == Status.RUNNING, TransitionRow.attempt > 1),
}
"""What is counted among the changes of state."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the jobs of one end state took from their first attempt on: `within` counts those up to `DURATIONS`."""

    count: int
    seconds: float
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """One state of the database in figures.

    `moves` has the names of `MOVES`; the rates are sums over the jobs that run, by their last report.
    """

    jobs: Mapping[Status, int]
    oldest_queued_seconds: float
    durations: Mapping[Status, Durations]
    moves: Mapping[str, int]
    samples_per_second: float
    epochs_per_second: float


def figures(database: Database) -> Figures:
    """The figures as they are now; raises Unavailable."""
    with database.read() as session:
        rows = session.execute(_jobs()).all()
        samples, epochs = _rates(session)
        return Figures(
            jobs={status: sum(row.jobs for row in rows if row.status is status) for status in Status},
            oldest_queued_seconds=max([0.0, *(row.age for row in rows if row.status is Status.QUEUED)]),
            durations={status: _durations(rows, status) for status in Status if status in ENDED},
            moves=_moves(session),
            samples_per_second=samples,
            epochs_per_second=epochs,
        )


def _jobs() -> Select[Any]:
    """Jobs by status and by the first of `DURATIONS` that they kept within, found out in one pass over the rows."""
    took = seconds_between(JobRow.started_at, JobRow.finished_at)
    never = or_(JobRow.started_at.is_(None), JobRow.finished_at.is_(None))
    within = case((never, None), *((took <= bound, place) for place, bound in enumerate(DURATIONS)), else_=BEYOND)
    age = seconds_between(func.min(JobRow.created_at), now())
    columns = (func.count().label("jobs"), age.label("age"), func.sum(took).label("seconds"))
    return select(JobRow.status, within.label("within"), *columns).group_by(JobRow.status, within)


def _durations(rows: Sequence[Any], status: Status) -> Durations:
    timed = [row for row in rows if row.status is status and row.within is not None]
    return Durations(
        count=sum(row.jobs for row in timed),
        seconds=float(sum(row.seconds for row in timed)),
        within=tuple(sum(row.jobs for row in timed if row.within <= place) for place in range(BEYOND)),
    )


def _moves(session: Session) -> dict[str, int]:
    # First what can be told without looking at words, because most rows are of ordinary lives.
    odd = or_(
        and_(TransitionRow.target == Status.QUEUED, TransitionRow.source == Status.RUNNING),
        and_(TransitionRow.target == Status.RUNNING, TransitionRow.attempt > 1),
        TransitionRow.target.in_((Status.FAILED, Status.CANCELLED)),
    )
    counts = [func.sum(case((which, 1), else_=0)) for which in MOVES.values()]
    found = session.execute(select(*counts).where(odd)).one()
    return {name: int(count or 0) for name, count in zip(MOVES, found, strict=True)}


def _rates(session: Session) -> tuple[float, float]:
    """Samples and epochs a second that are trained just now."""
    last = select(HistoryEntry.seconds).where(HistoryEntry.job_id == JobRow.id)
    seconds = last.order_by(HistoryEntry.epoch.desc()).limit(1).scalar_subquery()
    running = session.execute(select(JobRow.progress, seconds).where(JobRow.status == Status.RUNNING)).all()
    samples = sum((progress or {}).get("samples_per_second") or 0.0 for progress, _ in running)
    return samples, sum(1 / took for _, took in running if took)
