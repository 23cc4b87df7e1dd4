"""API keys: a random secret that only its holder knows, and whose digest tells whose request this is."""

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, literal, or_, select, update
from sqlalchemy.orm import Session

from deltarule.store.audit import note
from deltarule.store.clock import from_now, now
from deltarule.store.database import Database
from deltarule.store.errors import NotFound, Unavailable
from deltarule.store.identifiers import is_id, new_id
from deltarule.store.records import Key
from deltarule.store.rows import changed, stored_owner, whole
from deltarule.store.tables import DatasetRow, IdempotencyRow, JobRow, KeyRow, ModelRow

SECRET_PREFIX = "dr_"  # noqa: S105 -- no secret, but what makes one recognizable to secret scanners
SECRET_BYTES = 32
ANY_KEY = select(literal(1)).select_from(KeyRow).limit(1)
USE_SECONDS = 60
"""A use is written down at most so often, because a reading request should not have to write."""


def living() -> ColumnElement[bool]:
    """The condition of keys that are neither revoked nor expired, by the database's clock."""
    return KeyRow.revoked_at.is_(None) & or_(KeyRow.expires_at.is_(None), KeyRow.expires_at > now())


def unnoted() -> ColumnElement[bool]:
    """The condition of keys whose last use was written down a while ago, or never."""
    return or_(KeyRow.last_used_at.is_(None), KeyRow.last_used_at < from_now(-USE_SECONDS))


VALID = select(*whole(KeyRow), unnoted().label("unnoted")).where(KeyRow.secret_sha256 == bindparam("sha256"), living())


class Keys:
    """The keys of everybody; who may call these methods is a matter of who may run the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, expires_at: datetime | None = None, *, adopt: bool = False) -> tuple[Key, str]:
        """A new key and its secret, which is told only now; `expires_at` has a time zone.

        `adopt`: what was made while there was no key becomes this key's owner's.
        """
        secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        row = KeyRow(id=new_id(), name=name, secret_sha256=digest(secret), expires_at=expires_at)
        with self._database.write() as session:
            session.add(row)
            session.flush()
            note(session, "key added", row.id, row.id)
            if adopt:
                _adopt(session, row.id)
            session.refresh(row)
            return key_record(row), secret

    def list(self) -> tuple[Key, ...]:
        """Every key there ever was, newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))
            return tuple(key_record(row) for row in rows)

    def revoke(self, identifier: str) -> Key:
        """End a key and its sessions for good; what it made stays. Revoking twice changes nothing. Raises NotFound."""
        if not is_id(identifier):
            raise NotFound("key", identifier)
        with self._database.write() as session:
            unrevoked = (KeyRow.id == identifier) & KeyRow.revoked_at.is_(None)
            if changed(session, update(KeyRow).where(unrevoked).values(revoked_at=now())):
                note(session, "key revoked", identifier, identifier)
            row = session.get(KeyRow, identifier)
            if row is None:
                raise NotFound("key", identifier)
            return key_record(row)

    def find(self, secret: str) -> Key | None:
        """The key with this secret, unless it is unknown, revoked or expired by the database's clock."""
        sha256 = digest(secret)
        found = self._database.glance(VALID, sha256=sha256)
        # Compared once more in constant time, so that nothing depends on how an index compares.
        if found is None or not hmac.compare_digest(found.secret_sha256, sha256):
            return None
        if found.unnoted:
            self._note_use(found.id)
        return key_record(found)

    def any(self) -> bool:
        """Whether a key was ever set up; revoking the last one does not open the service to everybody."""
        return self._database.glance(ANY_KEY) is not None

    def _note_use(self, identifier: str) -> None:
        with suppress(Unavailable), self._database.write() as session:
            note_use(session, identifier)


def note_use(session: Session, identifier: str) -> None:
    """Write down that the key is in use, unless that was written down just now."""
    used = update(KeyRow).where(KeyRow.id == identifier, unnoted())
    changed(session, used.values(last_used_at=now()))


def _adopt(session: Session, owner: str) -> None:
    for table in (DatasetRow, JobRow, ModelRow, IdempotencyRow):
        changed(session, update(table).where(table.owner == stored_owner(None)).values(owner=owner))
    note(session, "work adopted", owner, owner)


def digest(secret: str) -> str:
    """What is kept of a secret, and finds it again."""
    # A fast hash is enough, because the secret is 256 random bits that nobody can go through.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def key_record(row: KeyRow | Row[*tuple[Any, ...]]) -> Key:
    """The key as it stands."""
    return Key(row.id, row.name, row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
