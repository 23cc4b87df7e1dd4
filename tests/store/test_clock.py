from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, literal, select
from sqlalchemy.exc import StatementError

from deltarule.store.clock import Moment, from_now, now
from deltarule.store.database import Database
from deltarule.store.tables import KeyRow
from tests.store.making import key_row


def test_the_databases_time_is_now_and_has_a_zone(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # SQLite knows no less
    moment = database.now()
    assert before <= moment <= datetime.now(UTC)
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("seconds", [-172_800, -0.25, 0.5, 60, 300.125])
def test_so_many_seconds_from_now(database: Database, seconds: float) -> None:
    with database.read() as session:
        present, other = session.execute(select(now(), from_now(seconds))).one()
    assert other - present == pytest.approx(timedelta(seconds=seconds), abs=timedelta(milliseconds=10))


@pytest.mark.parametrize("seconds", [-0.001, 0.0, 0.001])
def test_times_compare_as_time(database: Database, seconds: float) -> None:
    with database.read() as session:
        moment = session.execute(select(now())).scalar_one()
        other = literal(moment + timedelta(seconds=seconds), Moment())
        earlier, same, later = session.execute(select(other < moment, other == moment, other > moment)).one()
    assert [bool(earlier), bool(same), bool(later)] == [seconds < 0, seconds == 0, seconds > 0]


def test_the_databases_time_lies_between_past_and_future(database: Database) -> None:
    past, future = (literal(datetime(year, 1, 1, tzinfo=UTC), Moment()) for year in (2020, 2120))
    with database.read() as session:
        assert all(session.execute(select(past < now(), now() < future)).one())


def test_one_moment_is_equal_to_itself_in_sqlites_text(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as session:
        session.execute(insert(KeyRow).values(key_row("k", created_at=now())))
        stored = session.execute(select(KeyRow.created_at)).scalar_one()
        assert session.scalars(select(KeyRow.id).where(KeyRow.created_at == stored)).all() == ["k"]
    database.close()


def test_any_zone_is_kept_as_utc(database: Database) -> None:
    east = datetime(2030, 6, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.write() as session:
        session.execute(insert(KeyRow).values(key_row("k", expires_at=east)))
    with database.read() as session:
        stored = session.execute(select(KeyRow.expires_at)).scalar_one()
    assert stored == east
    assert stored is not None
    assert stored.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = insert(KeyRow).values(key_row("k", expires_at=datetime(2030, 6, 1)))  # noqa: DTZ001 -- to be refused
    with database.write() as session, pytest.raises(StatementError, match="has no time zone"):
        session.execute(naive)
