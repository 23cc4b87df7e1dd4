"""The service in figures, for whoever watches it: all of it read from the rows, so that every process says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from deltarule.store.clock import now, seconds_between
from deltarule.store.database import Database
from deltarule.store.states import ENDED, Status
from deltarule.store.tables import HistoryEntry, JobRow
from deltarule.store.totals import (
    BEYOND,
    MOVES,
    Counts,
    counted_durations,
    counted_moves,
    kept,
    of_duration,
    of_seconds,
    took,
    within,
)


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
        counts = counted_durations(rows) + counted_moves(session) + kept(session)
        samples, epochs = _rates(session)
        return Figures(
            jobs={status: sum(row.jobs for row in rows if row.status is status) for status in Status},
            oldest_queued_seconds=max([0.0, *(row.age for row in rows if row.status is Status.QUEUED)]),
            durations={status: _durations(counts, status) for status in Status if status in ENDED},
            moves={name: int(counts[name]) for name in MOVES},
            samples_per_second=samples,
            epochs_per_second=epochs,
        )


def _jobs() -> Select[*tuple[Any, ...]]:
    """Jobs by status and by the first of `DURATIONS` that they kept within, found out in one pass over the rows."""
    age = seconds_between(func.min(JobRow.created_at), now())
    columns = (func.count().label("jobs"), age.label("age"), func.sum(took()).label("seconds"))
    return select(JobRow.status, within().label("within"), *columns).group_by(JobRow.status, "within")


def _durations(counts: Counts, status: Status) -> Durations:
    within = tuple(accumulate(int(counts[of_duration(status, place)]) for place in range(BEYOND + 1)))
    return Durations(count=within[BEYOND], seconds=float(counts[of_seconds(status)]), within=within[:BEYOND])


def _rates(session: Session) -> tuple[float, float]:
    """Samples and epochs a second that are trained just now."""
    last = select(HistoryEntry.seconds).where(HistoryEntry.job_id == JobRow.id)
    seconds = last.order_by(HistoryEntry.epoch.desc()).limit(1).scalar_subquery()
    running = session.execute(select(JobRow.progress, seconds).where(JobRow.status == Status.RUNNING)).all()
    samples = sum((progress or {}).get("samples_per_second") or 0.0 for progress, _ in running)
    return samples, sum(1 / took for _, took in running if took)
