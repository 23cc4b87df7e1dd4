"""How much one owner may have: counted in the transaction that adds to it, so that nothing slips in beside it."""

import hashlib
from dataclasses import dataclass
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deltarule.store.errors import LimitReached
from deltarule.store.rows import stored_owner
from deltarule.store.settings import Settings
from deltarule.store.states import Status
from deltarule.store.tables import DatasetRow, JobRow

RETRY_SECONDS = 30
"""A guess: when a queued job has begun, or its owner has removed something."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many bytes the datasets of one owner may take, None for any number, and how many they take already."""

    limit: int | None = None
    taken: int = 0

    def refuse(self, more: int) -> None:
        """Raise LimitReached where so many more bytes are too many."""
        if self.limit is not None and self.taken + more > self.limit:
            raise LimitReached(
                f"The datasets of one key may take {self.limit} bytes; there are {self.taken}, and this one does not "
                "fit beside them. Remove some first.",
                RETRY_SECONDS,
            )


@dataclass(frozen=True, slots=True)
class Quotas:
    """What each owner may have at once; None is without end."""

    queued_jobs: int | None = None
    dataset_bytes: int | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The quotas that the settings name."""
        return cls(settings.queued_jobs_per_owner, settings.dataset_bytes_per_owner)

    def refuse_job(self, session: Session, owner: str | None) -> None:
        """Raise LimitReached where one more queued job is too many."""
        if self.queued_jobs is None:
            return
        _alone(session, owner)
        queued = (JobRow.owner == stored_owner(owner)) & (JobRow.status == Status.QUEUED)
        if session.execute(select(func.count()).where(queued)).scalar_one() >= self.queued_jobs:
            raise LimitReached(
                f"{self.queued_jobs} jobs are queued, which is as many as one key may have; "
                "wait until one of them begins, or cancel it.",
                RETRY_SECONDS,
            )

    def refuse_bytes(self, session: Session, owner: str | None, more: int) -> None:
        """Raise LimitReached where so many more bytes of datasets are too many; shared bytes count for each owner."""
        if self.dataset_bytes is not None:
            _alone(session, owner)
            self.allowance(session, owner).refuse(more)

    def allowance(self, session: Session, owner: str | None) -> Allowance:
        """What the owner's datasets may take, and take just now."""
        sizes = select(func.coalesce(func.sum(DatasetRow.size), 0)).where(DatasetRow.owner == stored_owner(owner))
        return Allowance(self.dataset_bytes, int(session.execute(sizes).scalar_one()))


UNLIMITED = Quotas()


def _alone(session: Session, owner: str | None) -> None:
    """Let the owner's transactions add one after the other; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"quota of {stored_owner(owner)}".encode()).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))
