"""API keys: a random secret that only its holder knows, and whose digest tells whose request this is."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import exists, or_, select, update

from deltarule.store.clock import now
from deltarule.store.database import Database
from deltarule.store.errors import NotFound
from deltarule.store.identifiers import is_id, new_id
from deltarule.store.records import Key
from deltarule.store.rows import changed
from deltarule.store.tables import KeyRow

SECRET_PREFIX = "dr_"  # noqa: S105 -- no secret, but what makes one recognizable to secret scanners
SECRET_BYTES = 32


class Keys:
    """The keys of everybody; who may call these methods is a matter of who may run the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, expires_at: datetime | None = None) -> tuple[Key, str]:
        """A new key and its secret, which is told only now; `expires_at` has a time zone."""
        secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        row = KeyRow(id=new_id(), name=name, secret_sha256=_digest(secret), expires_at=expires_at)
        with self._database.write() as session:
            session.add(row)
            session.flush()
            session.refresh(row)
            return _record(row), secret

    def list(self) -> tuple[Key, ...]:
        """Every key there ever was, newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))
            return tuple(_record(row) for row in rows)

    def revoke(self, identifier: str) -> Key:
        """End a key for good; what it made stays. Revoking twice changes nothing. Raises NotFound."""
        if not is_id(identifier):
            raise NotFound("key", identifier)
        with self._database.write() as session:
            living = (KeyRow.id == identifier) & KeyRow.revoked_at.is_(None)
            changed(session, update(KeyRow).where(living).values(revoked_at=now()))
            row = session.get(KeyRow, identifier)
            if row is None:
                raise NotFound("key", identifier)
            return _record(row)

    def find(self, secret: str) -> Key | None:
        """The key with this secret, unless it is unknown, revoked or expired by the database's clock."""
        digest = _digest(secret)
        valid = KeyRow.revoked_at.is_(None) & or_(KeyRow.expires_at.is_(None), KeyRow.expires_at > now())
        with self._database.read() as session:
            row = session.scalars(select(KeyRow).where(KeyRow.secret_sha256 == digest, valid)).one_or_none()
        # Compared once more in constant time, so that nothing depends on how an index compares.
        return _record(row) if row is not None and hmac.compare_digest(row.secret_sha256, digest) else None

    def any(self) -> bool:
        """Whether a key was ever set up; revoking the last one does not open the service to everybody."""
        with self._database.read() as session:
            return bool(session.scalar(select(exists().where(KeyRow.id.is_not(None)))))


def _digest(secret: str) -> str:
    # A fast hash is enough, because the secret is 256 random bits that nobody can go through.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _record(row: KeyRow) -> Key:
    return Key(row.id, row.name, row.created_at, row.expires_at, row.revoked_at)
