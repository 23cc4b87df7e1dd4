"""What cannot be undone, or lets somebody in, is written down with it: in the same transaction, and for good."""

from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from deltarule.store.database import Database
from deltarule.store.records import AuditEntry
from deltarule.store.rows import stored_owner
from deltarule.store.tables import AuditRow

Action = Literal["key added", "key revoked", "work adopted", "dataset removed", "job removed", "model removed"]


def note(session: Session, action: Action, subject: str, owner: str | None) -> None:
    """Write down that `owner` did this to the thing with the id `subject`, in the request that is being answered."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    session.add(AuditRow(action=action, subject=subject, owner=stored_owner(owner), request_id=request_id))


class Audit:
    """What was written down, for those who may run the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, limit: int) -> tuple[AuditEntry, ...]:
        """The newest entries, the newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
            return tuple(AuditEntry(row.at, row.action, row.subject, row.owner or None, row.request_id) for row in rows)
