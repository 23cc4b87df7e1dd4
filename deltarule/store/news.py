"""What has become of a job since somebody last looked: its moves and its epochs, of one state of the database."""

from dataclasses import dataclass

from sqlalchemy import select

from deltarule.store.database import Database
from deltarule.store.job_rows import history_of, history_record, status_of, transition_record
from deltarule.store.records import HistoryRow, Transition
from deltarule.store.tables import TransitionRow

MOST_EPOCHS = 500
"""Epochs in one answer, so that a long history is never in memory as a whole."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of a job somebody has seen: its first `moves` changes of state, and the epochs up to this one."""

    moves: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What comes after: changes of state and epochs, each oldest first.

    `more` says that further epochs are there already; `ended` that the job has ended, so that nothing will follow.
    """

    moves: tuple[Transition, ...]
    epochs: tuple[HistoryRow, ...]
    more: bool
    ended: bool


def news_of(database: Database, owner: str | None, identifier: str, seen: Seen) -> News:
    """What the owner of this job has not seen of it yet; raises NotFound, or Unavailable.

    A worker that takes over from a lost one writes some epochs again, to the same bits: by their numbers, those that
    were seen stay seen.
    """
    transitions = select(TransitionRow).where(TransitionRow.job_id == identifier)
    with database.read() as session:
        status = status_of(session, owner, identifier)
        moves = session.scalars(transitions.order_by(TransitionRow.id).offset(seen.moves)).all()
        rows = session.execute(history_of(identifier, seen.epoch).limit(MOST_EPOCHS + 1)).all()
        return News(
            moves=tuple(transition_record(row) for row in moves),
            epochs=tuple(history_record(row) for row in rows[:MOST_EPOCHS]),
            more=len(rows) > MOST_EPOCHS,
            ended=status.ended,
        )
