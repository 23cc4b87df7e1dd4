"""What became of the jobs, read from the rows themselves: nothing that the service says about itself is believed."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from deltarule.store.database import Database
from deltarule.store.states import ENDED, MOVES, Status
from deltarule.store.tables import CheckpointRow, HistoryEntry, JobRow, ModelRow, TransitionRow

EACH = 200
"""Jobs whose rows are read at once; SQLite takes no endless list."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One job as its rows tell it; `rows` has the number, losses, rate and gradient norms of every epoch."""

    status: Status
    attempt: int
    stop_reason: str | None
    error: str | None
    rows: tuple[tuple[object, ...], ...]
    weights: tuple[str, ...]
    moves: tuple[tuple[str | None, str, int, str], ...]
    checkpoints: int

    @property
    def epochs(self) -> tuple[object, ...]:
        """The numbers of its epochs, in order."""
        return tuple(row[0] for row in self.rows)

    @property
    def history(self) -> str:
        """The digest of everything that its epochs came to, but for the time they took."""
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()

    @property
    def ends(self) -> int:
        """How often it has ended."""
        return sum(1 for _, target, _, _ in self.moves if target in ENDED)

    @property
    def result(self) -> tuple[str, tuple[str, ...]]:
        """What must be equal, to the bit, however often the job was disturbed."""
        return self.history, self.weights


def counted(database: Database) -> Counter[Status]:
    """How many jobs are in each state."""
    with database.read() as session:
        return Counter(dict(session.execute(select(JobRow.status, func.count()).group_by(JobRow.status)).all()))


def all_ended(database: Database) -> bool:
    """Whether nothing is left to do."""
    return all(status in ENDED for status in counted(database))


def read(database: Database, identifiers: Iterable[str]) -> dict[str, Outcome]:
    """The outcomes of these jobs; those without a row are missing."""
    wanted, found = list(identifiers), {}
    for start in range(0, len(wanted), EACH):
        found |= _read(database, wanted[start : start + EACH])
    return found


def _read(database: Database, wanted: list[str]) -> dict[str, Outcome]:
    with database.read() as session:
        jobs = session.scalars(select(JobRow).where(JobRow.id.in_(wanted))).all()
        models, moves, epochs = defaultdict(list), defaultdict(list), defaultdict(list)
        for job_id, sha256 in session.execute(
            select(ModelRow.job_id, ModelRow.sha256).where(ModelRow.job_id.in_(wanted))
        ):
            models[job_id].append(sha256)
        for move in session.scalars(
            select(TransitionRow).where(TransitionRow.job_id.in_(wanted)).order_by(TransitionRow.id)
        ):
            moves[move.job_id].append((move.source, move.target, move.attempt, move.why))
        columns = ("job_id", "epoch", "training_loss", "validation_loss", "learning_rate", "gradient_norm")
        entries = select(*(HistoryEntry.__table__.columns[name] for name in columns))
        for job_id, *epoch in session.execute(
            entries.where(HistoryEntry.job_id.in_(wanted)).order_by(HistoryEntry.epoch)
        ):
            epochs[job_id].append(tuple(epoch))
        saved = Counter(session.scalars(select(CheckpointRow.job_id).where(CheckpointRow.job_id.in_(wanted))))
        return {
            job.id: Outcome(
                job.status,
                job.attempt,
                job.stop_reason,
                str(job.error) if job.error else None,
                tuple(epochs[job.id]),
                tuple(models[job.id]),
                tuple(moves[job.id]),
                saved[job.id],
            )
            for job in jobs
        }


def unsound(outcome: Outcome) -> list[str]:
    """What may be true of no job, whatever was done to it."""
    sources = [source for source, *_ in outcome.moves]
    targets = [target for _, target, *_ in outcome.moves]
    rules = {
        f"it has ended {outcome.ends} times": outcome.ends == 1,
        f"its last move is to {targets[-1:]}, but it is {outcome.status}": targets[-1:] == [outcome.status],
        "its moves are no chain": sources == [None, *targets[:-1]],
        "it made a move that is not allowed": all(
            source is None or target in MOVES[Status(source)] for source, target, *_ in outcome.moves
        ),
        f"its epochs are not 1 to n: {outcome.epochs}": outcome.epochs == tuple(range(1, len(outcome.epochs) + 1)),
        f"it has {len(outcome.weights)} models": len(outcome.weights)
        in ((1,) if outcome.status is Status.SUCCEEDED else (0, 1)),
        "it has ended and kept its checkpoint": not outcome.checkpoints,
        f"its attempt is {outcome.attempt}, which is not what its moves tell": outcome.attempt == outcome.moves[-1][2],
    }
    return [fault for fault, holds in rules.items() if not holds]


def violations(
    accepted: Mapping[str, int], found: Mapping[str, Outcome], references: Mapping[int, Outcome]
) -> list[str]:
    """Every way in which jobs that were accepted are not what their undisturbed twins are."""
    faults = []
    for job_id, number in accepted.items():
        if job_id not in found:
            faults.append(f"job {job_id}: it was accepted, and is lost")
            continue
        outcome = found[job_id]
        faults += [f"job {job_id}: {fault}" for fault in unsound(outcome)]
        if outcome.status is not Status.SUCCEEDED:
            faults.append(
                f"job {job_id}: it is {outcome.status}, {outcome.stop_reason}: {outcome.error}; {outcome.moves}"
            )
        elif outcome.result != references[number].result:
            what = "history" if outcome.history != references[number].history else "weights"
            faults.append(f"job {job_id}: its {what} differ from the undisturbed run of spec {number}; {outcome.moves}")
    return faults
