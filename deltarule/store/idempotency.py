"""A request that comes twice is carried out once: its answer is kept in the transaction that did the work."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.errors import IdempotencyMismatch, Replayed
from deltarule.store.records import Answer, Idempotency
from deltarule.store.rows import changed, insertion, stored_owner
from deltarule.store.tables import IdempotencyRow

KEPT_SECONDS = 48 * 3600
Made = TypeVar("Made")


class Answers:
    """The answers that were given to requests with an idempotency key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, owner: str | None, key: str, sha256: str) -> Answer | None:
        """What this request was answered with, or None when it is new; raises IdempotencyMismatch."""
        with self._database.look() as session:
            return _answered(session, owner, key, sha256)

    def has(self, owner: str | None, key: str) -> bool:
        """Whether some request with this key was answered, the same or another one."""
        with self._database.look() as session:
            return session.scalar(select(IdempotencyRow.key).where(_is(owner, key), ~_expired())) is not None


def once(session: Session, owner: str | None, idempotency: Idempotency[Made] | None, make: Callable[[], Made]) -> Made:
    """Make the thing and keep its answer in the same transaction, unless the request was answered before.

    Raises Replayed with the first answer, or IdempotencyMismatch. Of two such transactions at once the second waits
    for the first: its INSERT of the same key cannot be decided earlier.
    """
    if idempotency is None:
        return make()
    _reserve(session, owner, idempotency)
    made = make()
    answer = idempotency.answer(made)
    session.execute(
        update(IdempotencyRow)
        .where(_is(owner, idempotency.key))
        .values(status=answer.status, location=answer.location, body=answer.body)
    )
    return made


def purge(session: Session) -> int:
    """Forget the answers older than 48 hours, and tell how many they were."""
    return changed(session, delete(IdempotencyRow).where(_expired()))


def _reserve(session: Session, owner: str | None, idempotency: Idempotency[Made]) -> None:
    changed(session, delete(IdempotencyRow).where(_is(owner, idempotency.key), _expired()))
    row = {"owner": stored_owner(owner), "key": idempotency.key, "sha256": idempotency.sha256}
    inserted = insertion(session, IdempotencyRow).on_conflict_do_nothing().values(row).returning(IdempotencyRow.key)
    if session.execute(inserted).first() is not None:
        return
    answer = _answered(session, owner, idempotency.key, idempotency.sha256)
    if answer is not None:
        raise Replayed(answer)


def _answered(session: Session, owner: str | None, key: str, sha256: str) -> Answer | None:
    row = session.scalars(select(IdempotencyRow).where(_is(owner, key), ~_expired())).one_or_none()
    if row is None:
        return None
    if row.sha256 != sha256:
        raise IdempotencyMismatch
    return Answer(row.status, row.location, row.body)


def _is(owner: str | None, key: str) -> ColumnElement[bool]:
    return (IdempotencyRow.owner == stored_owner(owner)) & (IdempotencyRow.key == key)


def _expired() -> ColumnElement[bool]:
    return IdempotencyRow.created_at < from_now(-KEPT_SECONDS)
