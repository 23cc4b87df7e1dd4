"""Who is signed in: a random token that only the browser has, and whose digest tells which key it came in with."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from deltarule.store.clock import from_now, now
from deltarule.store.database import Database
from deltarule.store.errors import Unavailable
from deltarule.store.keys import digest, key_record, living, note_use, unnoted
from deltarule.store.records import Key
from deltarule.store.rows import changed, whole
from deltarule.store.tables import KeyRow, SessionRow

TOKEN_BYTES = 32
IDLE = timedelta(days=30)
"""A session that nobody has used for so long is over."""
RENEWED_SECONDS = 3600
"""A session's end is put off at most so often, because a reading request should not have to write."""


def _lasts() -> ColumnElement[bool]:
    return SessionRow.expires_at > now()


def _ageing() -> ColumnElement[bool]:
    return SessionRow.expires_at < from_now(IDLE.total_seconds() - RENEWED_SECONDS)


TOKEN = SessionRow.token_sha256 == bindparam("sha256")
# Whoever times the index learns about a digest, and from that nothing about a token.
SIGNED_IN = (
    select(*whole(KeyRow), _ageing().label("ageing"), unnoted().label("unnoted"))
    .join(SessionRow, SessionRow.key_id == KeyRow.id)
    .where(TOKEN, _lasts(), living())
)
PRESENT = select(SessionRow.key_id).where(TOKEN)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and whether the session's end was put off just now."""

    key: Key
    put_off: bool


class Sessions:
    """Those who came in with a key, until they sign out, stay away, or the key is revoked or expires."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key_id: str, instead_of: str | None = None) -> str:
        """The token of a new session of this key, which is told only now; it ends the one whose token is given."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.write() as session:
            if instead_of:
                changed(session, delete(SessionRow).where(_is(instead_of)))
            row = SessionRow(token_sha256=digest(token), key_id=key_id, expires_at=from_now(IDLE.total_seconds()))
            session.add(row)
        return token

    def find(self, token: str) -> SignedIn | None:
        """The session with this token, unless it is over or its key no longer valid; its end is put off by that."""
        found = self._database.glance(SIGNED_IN, sha256=digest(token))
        if found is None:
            return None
        if found.ageing or found.unnoted:
            self._renew(token, found.id)
        return SignedIn(key_record(found), put_off=bool(found.ageing))

    def end(self, token: str) -> None:
        """Sign out; harmless where there is no such session."""
        # Whoever makes up tokens keeps no writer waiting.
        if self._database.glance(PRESENT, sha256=digest(token)) is None:
            return
        with self._database.write() as session:
            changed(session, delete(SessionRow).where(_is(token)))

    def _renew(self, token: str, key_id: str) -> None:
        with suppress(Unavailable), self._database.write() as session:
            note_use(session, key_id)
            renewed = update(SessionRow).where(_is(token), _lasts(), _ageing())
            changed(session, renewed.values(expires_at=from_now(IDLE.total_seconds())))


def forget_ended(session: Session) -> int:
    """Remove the sessions that are over, those of dead keys too, and tell how many they were."""
    over = ~_lasts() | SessionRow.key_id.in_(select(KeyRow.id).where(~living()))
    return changed(session, delete(SessionRow).where(over))


def _is(token: str) -> ColumnElement[bool]:
    return SessionRow.token_sha256 == digest(token)
