"""A worker that dies cannot give its job back: the process that saw it die does so at once, and says why."""

import structlog

from deltarule.cli.supervision.identity import Identity
from deltarule.cli.supervision.part import Death
from deltarule.cli.supervision.supervisor import Chore
from deltarule.store.database import Database
from deltarule.store.errors import StoreError
from deltarule.store.losses import GONE, Loss
from deltarule.store.orphans import Orphans
from deltarule.store.records import Swept

RETRY_SECONDS = 5.0


class LostWorkers:
    """Ends the leases of this machine's dead workers, each in a moment; where the database is away, a moment later.

    `look` is to be called once before any worker is started: it finds those whose supervisor died with them.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._orphans = database, Orphans(database)
        self._unwritten: list[tuple[str, Loss]] = []
        self._looked = False

    @property
    def chore(self) -> Chore:
        """What is to be done again and again, for as long as the database was away."""
        return Chore(RETRY_SECONDS, self.retry)

    def look(self) -> None:
        """End the leases of processes that are not there any more."""
        try:
            owners = self._orphans.owners()
        except StoreError as error:
            _warn(error)
            return
        self._looked = True
        found = [(owner, Identity.read(owner)) for owner in owners]
        one_machine = self._database.is_sqlite
        self._unwritten += [(owner, GONE) for owner, who in found if who and who.gone(one_machine=one_machine)]
        self._write()

    def mourn(self, death: Death, ending: bool) -> bool:
        """End the lease of a process; whether it had one. `ending`: it was we who asked it to end."""
        owner = str(death.identity)
        if ending:
            return death.code != 0 and self._give_back(owner, death.loss)
        self._unwritten.append((owner, death.loss))
        return self._write()

    def retry(self) -> None:
        """Do what could not be done so far."""
        if not self._looked:
            self.look()
        elif self._unwritten:
            self._write()

    def _write(self) -> bool:
        """End all leases that are to be ended; whether there was one at the last."""
        found = False
        try:
            while self._unwritten:
                owner, loss = self._unwritten[0]
                found = _tell(owner, loss, self._orphans.lost(owner, loss))
                del self._unwritten[0]
        except StoreError as error:
            _warn(error)
        return found

    def _give_back(self, owner: str, loss: Loss) -> bool:
        try:
            return _tell(owner, loss, self._orphans.shut_down(owner, loss))
        except StoreError as error:
            _warn(error)
            return False


def _tell(owner: str, loss: Loss, swept: Swept) -> bool:
    for job_id in (*swept.ring, *swept.cancelled, *swept.failed):
        structlog.get_logger().warning(
            "the lease of a lost worker is ended", job_id=job_id, owner=owner, how=loss.words
        )
    return swept != Swept()


def _warn(error: StoreError) -> None:
    # The leases run out by themselves, only later.
    structlog.get_logger().warning("leases of lost workers not ended", reason=str(error), cause=repr(error.__cause__))
