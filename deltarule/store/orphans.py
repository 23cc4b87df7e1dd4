"""Jobs whose worker was seen to die: whoever saw it says so, and nobody waits for a lease to run out."""

from sqlalchemy import ColumnElement, select

from deltarule.store.database import Database
from deltarule.store.losing import give_back, held, lose, together
from deltarule.store.losses import Loss
from deltarule.store.records import Swept
from deltarule.store.states import HELD
from deltarule.store.tables import JobRow


class Orphans:
    """Ends leases by the name of their owner, in one transaction each; the caller must know that the worker is gone.

    Every method may raise Unavailable; nothing was changed then, and the leases run out by themselves.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def owners(self) -> tuple[str, ...]:
        """The names of all workers that hold a lease, here or on other machines."""
        statement = select(JobRow.lease_owner).where(JobRow.status.in_(HELD), JobRow.lease_owner.is_not(None))
        with self._database.read() as session:
            return tuple(sorted({owner for owner in session.scalars(statement) if owner}))

    def lost(self, lease_owner: str, loss: Loss) -> Swept:
        """Queue its job again, or end it where it was lost too often; `ring` names what waits now."""
        with self._database.write() as session:
            return together([lose(session, job, loss) for job in held(session, _of(lease_owner))])

    def shut_down(self, lease_owner: str, loss: Loss) -> Swept:
        """Queue its job again as if the attempt had not been, because it was this machine that ended the worker."""
        with self._database.write() as session:
            return together([give_back(session, job, loss) for job in held(session, _of(lease_owner))])


def _of(lease_owner: str) -> ColumnElement[bool]:
    return JobRow.status.in_(HELD) & (JobRow.lease_owner == lease_owner)
