"""How often a client asks, counted in the database: one count for all processes and machines of a service."""

from sqlalchemy import case

from deltarule.store.clock import from_now, now
from deltarule.store.database import Database
from deltarule.store.errors import LimitReached
from deltarule.store.rows import insertion
from deltarule.store.tables import RequestsRow

WINDOW_SECONDS = 60


class Requests:
    """Counts requests in windows of a minute, which begin with a client's first request; one row for each client."""

    def __init__(self, database: Database, per_minute: int | None) -> None:
        self._database = database
        self._per_minute = per_minute

    def count(self, client: str) -> None:
        """Count one request; raises LimitReached where there were too many in this minute, and Unavailable.

        Nothing is written where there is no limit.
        """
        if self._per_minute is None:
            return
        over = RequestsRow.until <= now()
        with self._database.write() as session:
            row = insertion(session, RequestsRow).values(client=client, count=1, until=from_now(WINDOW_SECONDS))
            values = {
                "count": case((over, 1), else_=RequestsRow.count + 1),
                "until": case((over, from_now(WINDOW_SECONDS)), else_=RequestsRow.until),
            }
            statement = row.on_conflict_do_update(index_elements=["client"], set_=values)
            count, until, present = session.execute(
                statement.returning(RequestsRow.count, RequestsRow.until, now())
            ).one()
        if count > self._per_minute:
            raise LimitReached(
                f"{self._per_minute} requests have come within a minute, which is as many as one key may make, or one "
                "address where no key is needed; wait as long as Retry-After says.",
                (until - present).total_seconds(),
            )
