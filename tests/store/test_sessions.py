import hashlib
from datetime import datetime, timedelta
from typing import Never

import pytest
from sqlalchemy import func, select, update

from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.errors import StorageFull
from deltarule.store.keys import Keys
from deltarule.store.sessions import IDLE, Sessions, SignedIn
from deltarule.store.sweeping import sweep
from deltarule.store.tables import KeyRow, SessionRow


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return Sessions(database)


def ends(database: Database) -> list[datetime]:
    with database.read() as session:
        return list(session.scalars(select(SessionRow.expires_at)))


def end_in(database: Database, seconds: float) -> None:
    with database.write() as session:
        session.execute(update(SessionRow).values(expires_at=from_now(seconds)))


def test_a_token_finds_its_key_and_only_its_own(keys: Keys, sessions: Sessions) -> None:
    one, other = keys.add("one")[0], keys.add("other")[0]
    tokens = [sessions.begin(key.id) for key in (one, other, one)]
    assert len(set(tokens)) == 3
    found = [sessions.find(token) for token in tokens]
    assert [one_of.key.id for one_of in found if one_of] == [one.id, other.id, one.id]


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "é", "x" * 100_000])
def test_what_is_no_token_finds_nothing(keys: Keys, sessions: Sessions, token: str) -> None:
    sessions.begin(keys.add("one")[0].id)
    assert sessions.find(token) is None
    sessions.end(token)


def test_a_token_is_no_key_and_a_key_no_token(keys: Keys, sessions: Sessions) -> None:
    key, secret = keys.add("one")
    assert keys.find(sessions.begin(key.id)) is None
    assert sessions.find(secret) is None


def test_a_token_is_long_and_kept_nowhere(database: Database, keys: Keys, sessions: Sessions) -> None:
    token = sessions.begin(keys.add("one")[0].id)
    assert len(token) >= 43
    with database.read() as session:
        (row,) = (repr(row) for row in session.execute(select(*SessionRow.__table__.columns)))
    assert token not in row
    assert hashlib.sha256(token.encode()).hexdigest() in row


def test_signing_out_ends_one_session_for_good(keys: Keys, sessions: Sessions) -> None:
    key, _ = keys.add("one")
    here, there = sessions.begin(key.id), sessions.begin(key.id)
    sessions.end(here)
    sessions.end(here)
    assert sessions.find(here) is None
    assert sessions.find(there) is not None


def test_who_signs_in_anew_has_left_the_session_before(keys: Keys, sessions: Sessions) -> None:
    key, _ = keys.add("one")
    before, elsewhere = sessions.begin(key.id), sessions.begin(key.id)
    token = sessions.begin(key.id, before)
    assert sessions.find(before) is None
    assert sessions.find(elsewhere) is not None
    assert sessions.find(sessions.begin(key.id, "made up")) is not None
    assert sessions.find(token) is not None


def test_a_revoked_key_ends_its_sessions_at_once_and_no_others(keys: Keys, sessions: Sessions) -> None:
    one, other = keys.add("one")[0], keys.add("other")[0]
    token, another = sessions.begin(one.id), sessions.begin(other.id)
    keys.revoke(one.id)
    assert sessions.find(token) is None
    assert sessions.find(another) is not None


def test_an_expired_key_ends_its_sessions(database: Database, keys: Keys, sessions: Sessions) -> None:
    token = sessions.begin(keys.add("one", database.now() + timedelta(hours=1))[0].id)
    assert sessions.find(token) is not None
    with database.write() as session:
        session.execute(update(KeyRow).values(expires_at=from_now(-1)))
    assert sessions.find(token) is None


def test_a_session_lasts_while_it_is_used(database: Database, keys: Keys, sessions: Sessions) -> None:
    token = sessions.begin(keys.add("one")[0].id)
    (fresh,) = ends(database)
    assert abs(fresh - database.now() - IDLE) < timedelta(minutes=1)
    found = sessions.find(token)
    assert found is not None
    assert not found.put_off
    assert ends(database) == [fresh], "not every look is written down"
    end_in(database, 60)
    found = sessions.find(token)
    assert found is not None
    assert found.put_off
    assert ends(database)[0] >= fresh
    end_in(database, -1)
    assert sessions.find(token) is None
    assert sessions.find(token) is None, "and is not put off by asking for it"


def test_whoever_is_signed_in_uses_the_key(database: Database, keys: Keys, sessions: Sessions) -> None:
    token = sessions.begin(keys.add("one")[0].id)
    sessions.find(token)
    (used,) = keys.list()
    assert used.last_used_at is not None
    sessions.find(token)
    assert keys.list() == (used,)


def test_a_session_is_found_although_its_use_cannot_be_written_down(
    database: Database, keys: Keys, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = keys.add("one")
    token = sessions.begin(key.id)

    def full() -> Never:
        raise StorageFull("There is no room left in the database.")

    monkeypatch.setattr(database, "write", full)
    assert sessions.find(token) == SignedIn(key, put_off=False)


def test_the_sweeper_forgets_what_is_over(database: Database, keys: Keys, sessions: Sessions) -> None:
    def left() -> int:
        with database.read() as session:
            return session.execute(select(func.count()).select_from(SessionRow)).scalar_one()

    stays, goes = keys.add("stays")[0], keys.add("goes")[0]
    token = sessions.begin(stays.id)
    end_in(database, -1)
    kept = sessions.begin(stays.id)
    sessions.begin(goes.id)
    sweep(database)
    assert left() == 2
    keys.revoke(goes.id)
    sweep(database)
    assert left() == 1
    assert sessions.find(kept) is not None
    assert sessions.find(token) is None
