from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.errors import LimitReached
from deltarule.store.requests import WINDOW_SECONDS, Requests
from deltarule.store.tables import RequestsRow


def rows(database: Database) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).select_from(RequestsRow)).scalar_one()


def test_each_client_has_so_many_requests_a_minute(database: Database) -> None:
    requests = Requests(database, 2)
    for client in ("one", "other"):
        requests.count(client)
        requests.count(client)
    with pytest.raises(LimitReached, match=r"2 requests .* one key may make, or one address") as refused:
        requests.count("one")
    assert 0 < refused.value.retry_seconds <= WINDOW_SECONDS
    assert rows(database) == 2


def test_the_next_minute_begins_anew(database: Database) -> None:
    requests = Requests(database, 1)
    requests.count("one")
    with database.write() as session:
        session.execute(update(RequestsRow).values(until=from_now(0)))
    requests.count("one")
    with pytest.raises(LimitReached):
        requests.count("one")


def test_without_a_limit_nothing_is_written(database: Database) -> None:
    requests = Requests(database, None)
    for _ in range(3):
        requests.count("one")
    assert rows(database) == 0


def test_many_at_once_are_counted_once_each(database: Database) -> None:
    requests = Requests(database, 5)

    def ask(_: int) -> bool:
        try:
            requests.count("one")
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(32))) == 5
