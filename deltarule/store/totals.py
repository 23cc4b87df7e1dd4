"""Counters never fall: what a job has added to them stays when its rows are removed.

Counted in the transaction that removes the job, so that no look at the database sees it twice or not at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from deltarule.store.clock import seconds_between
from deltarule.store.rows import insertion
from deltarule.store.states import Status
from deltarule.store.tables import JobRow, TotalRow, TransitionRow

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

Counts = Counter[str]
"""By name: the changes of state as in `MOVES`, and what `of_seconds` and `of_duration` name."""


def of_seconds(status: Status) -> str:
    """The name of the seconds that all jobs of an end state took."""
    return f"{status}_seconds"


def of_duration(status: Status, place: int) -> str:
    """The name of the number of jobs that took no longer than `DURATIONS[place]`, but than the one before."""
    return f"{status}_beyond" if place == BEYOND else f"{status}_in_{DURATIONS[place]}"


def took() -> ColumnElement[float]:
    """Seconds of a job from its first attempt to its end; NULL for one that has not both."""
    return seconds_between(JobRow.started_at, JobRow.finished_at)


def within() -> ColumnElement[int]:
    """The first of `DURATIONS` that a job kept within, or `BEYOND`; NULL for one that took no time yet, or none."""
    never = or_(JobRow.started_at.is_(None), JobRow.finished_at.is_(None))
    return case((never, None), *((took() <= bound, place) for place, bound in enumerate(DURATIONS)), else_=BEYOND)


def counted_durations(rows: Sequence[Any]) -> Counts:
    """Of rows with `status`, `within`, how many `jobs` and their `seconds`."""
    counts = Counts()
    for row in rows:
        if row.within is not None:
            counts[of_duration(row.status, row.within)] += row.jobs
            counts[of_seconds(row.status)] += row.seconds
    return counts


def counted_moves(session: Session, *which: ColumnElement[bool]) -> Counts:
    """How often each of `MOVES` is among the transitions that fulfil the conditions."""
    # First what can be told without looking at words, because most rows are of ordinary lives.
    odd = or_(
        and_(TransitionRow.target == Status.QUEUED, TransitionRow.source == Status.RUNNING),
        and_(TransitionRow.target == Status.RUNNING, TransitionRow.attempt > 1),
        TransitionRow.target.in_((Status.FAILED, Status.CANCELLED)),
    )
    columns = [func.sum(case((move, 1), else_=0)) for move in MOVES.values()]
    found = session.execute(select(*columns).where(odd, *which)).one()
    return Counts({name: int(count or 0) for name, count in zip(MOVES, found, strict=True)})


def keep(session: Session, job_id: str) -> None:
    """Add what this job has counted to the totals, because it is about to be removed."""
    durations = counted_durations(session.execute(_one(job_id)).all())
    counts = durations + counted_moves(session, TransitionRow.job_id == job_id)
    # In one order, so that two transactions never wait for each other.
    rows = [{"name": name, "value": float(value)} for name, value in sorted(counts.items()) if value]
    if rows:
        added = insertion(session, TotalRow).values(rows)
        total = TotalRow.value + added.excluded.value
        session.execute(added.on_conflict_do_update(index_elements=["name"], set_={"value": total}))


def kept(session: Session) -> Counts:
    """What was counted of the jobs that are gone."""
    return Counts({row.name: row.value for row in session.scalars(select(TotalRow))})


def _one(job_id: str) -> Select[*tuple[Any, ...]]:
    jobs, seconds = func.count().label("jobs"), func.sum(took()).label("seconds")
    columns = (JobRow.status, within().label("within"), jobs, seconds)
    return select(*columns).where(JobRow.id == job_id).group_by(JobRow.status, "within")
