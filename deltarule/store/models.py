"""Trained models, weights and all, kept until somebody removes them."""

from typing import Any

from sqlalchemy import Row, delete, literal, select

from deltarule.store.audit import note
from deltarule.store.database import Database
from deltarule.store.errors import InUse
from deltarule.store.records import Model, Page
from deltarule.store.rows import found, page, require, stored_owner, theirs, whole
from deltarule.store.states import LIVING
from deltarule.store.tables import JobRow, ModelRow

DESCRIBED = select(*whole(ModelRow, "content")).where(theirs(ModelRow))
PRESENT = select(literal(1)).where(theirs(ModelRow))
CONTENT = select(ModelRow.content).where(theirs(ModelRow))


class Models:
    """The models of all owners; every method sees those of one. `Attempts` makes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str | None, identifier: str) -> Model:
        """One model without its content; raises NotFound."""
        return model_record(found(self._database, DESCRIBED, ModelRow, owner, identifier))

    def check(self, owner: str | None, identifier: str) -> None:
        """Only whether there is such a model, for those who have it already; raises NotFound."""
        found(self._database, PRESENT, ModelRow, owner, identifier)

    def content(self, owner: str | None, identifier: str) -> bytes:
        """The whole model as the worker handed it over; raises NotFound."""
        content: bytes = found(self._database, CONTENT, ModelRow, owner, identifier).content
        return content

    def page(self, owner: str | None, limit: int = 50, cursor: str | None = None) -> Page[Model]:
        """One page of the owner's models, newest first; raises InvalidCursor."""
        statement = select(ModelRow).where(ModelRow.owner == stored_owner(owner))
        with self._database.read() as session:
            return page(session, statement, table=ModelRow, limit=limit, cursor=cursor, record=model_record)

    def remove(self, owner: str | None, identifier: str) -> None:
        """Remove a model; raises NotFound, or InUse while a queued or running job goes on from it."""
        with self._database.write() as session:
            require(session, ModelRow, owner, identifier, alone=True)
            uses = (JobRow.continued_model_id == identifier) & JobRow.status.in_(LIVING)
            job_id = session.scalars(select(JobRow.id).where(uses).limit(1)).first()
            if job_id is not None:
                raise InUse(f"The model is needed by job {job_id}, which has not ended; cancel it or wait for it.")
            session.execute(delete(ModelRow).where(ModelRow.id == identifier))
            note(session, "model removed", identifier, owner)


def model_record(row: ModelRow | Row[*tuple[Any, ...]]) -> Model:
    """The row as a value."""
    return Model(
        id=row.id,
        job_id=row.job_id,
        name=row.name,
        task=row.task,
        created_at=row.created_at,
        parameters=row.parameters,
        bytes=row.size,
        sha256=row.sha256,
        description=row.description,
        metrics=row.metrics,
    )
