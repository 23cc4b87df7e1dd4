"""Tables that were uploaded: a row that describes each, and its bytes beside the database."""

from contextlib import suppress
from typing import Any

from sqlalchemy import Row, delete, or_, select
from sqlalchemy.orm import Session

from deltarule.store.audit import note
from deltarule.store.blobs import Blobs
from deltarule.store.database import Database
from deltarule.store.errors import InUse, SchemaOutdated, Unavailable
from deltarule.store.idempotency import once
from deltarule.store.identifiers import new_id
from deltarule.store.quotas import UNLIMITED, Allowance, Quotas
from deltarule.store.records import Dataset, Idempotency, NewDataset, Page
from deltarule.store.rows import found, page, require, stored_owner, theirs, whole
from deltarule.store.sharing import let_go, shared_key
from deltarule.store.states import LIVING
from deltarule.store.tables import BlobRow, DatasetRow, JobRow

ABANDONED_SECONDS = 3600
ONE = select(*whole(DatasetRow)).where(theirs(DatasetRow))


class Datasets:
    """The datasets of all owners; every method sees those of one."""

    def __init__(self, database: Database, blobs: Blobs, quotas: Quotas = UNLIMITED) -> None:
        self._database = database
        self._blobs = blobs
        self._quotas = quotas

    def add(self, owner: str | None, new: NewDataset, *, idempotency: Idempotency[Dataset] | None = None) -> Dataset:
        """Describe bytes that lie in the blobs; when that fails, or when they lay there before, they are deleted.

        Raises Replayed, IdempotencyMismatch, LimitReached, Refused or Unavailable.
        """
        try:
            with self._database.write() as session:
                return once(session, owner, idempotency, lambda: insert_dataset(session, owner, new, self._quotas))
        finally:
            self.release(new.blob_key)

    def allowance(self, owner: str | None) -> Allowance:
        """What may be uploaded now; it is counted once more where the dataset is added."""
        if self._quotas.dataset_bytes is None:
            return Allowance()
        with self._database.look() as session:
            return self._quotas.allowance(session, owner)

    def get(self, owner: str | None, identifier: str) -> Dataset:
        """One dataset; raises NotFound."""
        return dataset_record(found(self._database, ONE, DatasetRow, owner, identifier))

    def page(self, owner: str | None, limit: int = 50, cursor: str | None = None) -> Page[Dataset]:
        """One page of the owner's datasets, newest first; raises InvalidCursor."""
        statement = select(DatasetRow).where(DatasetRow.owner == stored_owner(owner))
        with self._database.read() as session:
            return page(
                session,
                statement,
                table=DatasetRow,
                limit=limit,
                cursor=cursor,
                record=dataset_record,
            )

    def remove(self, owner: str | None, identifier: str) -> None:
        """Remove a dataset and its bytes; raises NotFound, or InUse while a queued or running job needs it."""
        with self._database.write() as session:
            require(session, DatasetRow, owner, identifier, alone=True)
            _refuse_if_needed(session, identifier)
            deleted = delete(DatasetRow).where(DatasetRow.id == identifier).returning(DatasetRow.blob_key)
            blob_key = session.execute(deleted).scalar_one()
            note(session, "dataset removed", identifier, owner)
            last = let_go(session, blob_key)
        # After the commit, because bytes without a row are only waste, and a row without bytes is a lie.
        if last:
            self._delete(blob_key)

    def release(self, blob_key: str) -> None:
        """Delete bytes unless a row has them; where that cannot be found out, `tidy` does it later."""
        with suppress(Unavailable):
            if not self._has(blob_key):
                self._blobs.delete(blob_key)

    def tidy(self, older_than_seconds: float = ABANDONED_SECONDS) -> int:
        """Delete bytes that no row describes, left by uploads that were cut off, and tell how many they were.

        Bytes younger than `older_than_seconds` may belong to a request that has not come to its row yet.
        """
        abandoned = set(self._blobs.keys(older_than_seconds))
        with self._database.read() as session:
            abandoned -= set(session.scalars(select(BlobRow.key)))
        for key in abandoned:
            self._blobs.delete(key)
        return len(abandoned)

    def _has(self, blob_key: str) -> bool:
        try:
            with self._database.read() as session:
                return session.scalar(select(BlobRow.key).where(BlobRow.key == blob_key)) is not None
        except SchemaOutdated:
            return False

    def _delete(self, blob_key: str) -> None:
        """Delete bytes whose row is gone; where that fails, `tidy` finds them later."""
        with suppress(Unavailable):
            self._blobs.delete(blob_key)


def insert_dataset(session: Session, owner: str | None, new: NewDataset, quotas: Quotas) -> Dataset:
    """Insert the row of a dataset within a transaction of the caller's; raises LimitReached.

    Bytes that lay there before are shared: `blob_key` of the answer is then another than that of `new`.
    """
    quotas.refuse_bytes(session, owner, new.bytes)
    row = DatasetRow(
        id=new_id(),
        owner=stored_owner(owner),
        name=new.name,
        format=new.format,
        size=new.bytes,
        sha256=new.sha256,
        rows=new.rows,
        columns=[dict(column) for column in new.columns],
        targets=new.targets,
        blob_key=shared_key(session, new.blob_key, new.sha256, new.bytes),
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return dataset_record(row)


def dataset_record(row: DatasetRow | Row[*tuple[Any, ...]]) -> Dataset:
    """The row as a value."""
    columns: list[dict[str, Any]] = row.columns
    return Dataset(
        id=row.id,
        name=row.name,
        format=row.format,
        bytes=row.size,
        sha256=row.sha256,
        rows=row.rows,
        columns=tuple(columns),
        targets=row.targets,
        blob_key=row.blob_key,
        created_at=row.created_at,
    )


def _refuse_if_needed(session: Session, identifier: str) -> None:
    uses = or_(JobRow.dataset_id == identifier, JobRow.validation_dataset_id == identifier)
    job_id = session.scalars(select(JobRow.id).where(uses, JobRow.status.in_(LIVING)).limit(1)).first()
    if job_id is not None:
        raise InUse(f"The dataset is needed by job {job_id}, which has not ended; cancel the job or wait for it.")
