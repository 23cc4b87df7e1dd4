import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from deltarule.store.database import Database
from deltarule.store.errors import NotFound
from deltarule.store.keys import Keys
from deltarule.store.tables import KeyRow
from tests.store.making import UNKNOWN


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database)


def test_a_secret_finds_its_key_and_only_its_own(keys: Keys) -> None:
    (one, secret), (other, _) = keys.add("one"), keys.add("other")
    assert keys.find(secret) == one
    assert one.name == "one"
    assert one.expires_at is one.revoked_at is None
    assert keys.list() == (other, one)


@pytest.mark.parametrize("secret", ["", "dr_", "dr_x", "\0", "\ud800", "é", "x" * 100_000])
def test_what_is_no_secret_finds_nothing(keys: Keys, secret: str) -> None:
    keys.add("one")
    assert keys.find(secret) is None


def test_a_secret_is_long_random_and_kept_nowhere(database: Database, keys: Keys) -> None:
    secrets = [keys.add("same name")[1] for _ in range(3)]
    assert len(set(secrets)) == 3
    assert all(secret.startswith("dr_") and len(secret) >= 46 for secret in secrets)
    with database.read() as session:
        rows = [repr(row) for row in session.execute(select(*KeyRow.__table__.columns))]
    assert all(hashlib.sha256(secret.encode()).hexdigest() in "".join(rows) for secret in secrets)
    assert not any(secret in row for secret in secrets for row in rows)


def test_a_revoked_key_finds_nothing_for_good(keys: Keys) -> None:
    key, secret = keys.add("one")
    revoked = keys.revoke(key.id)
    assert revoked.revoked_at is not None
    assert keys.find(secret) is None
    assert keys.revoke(key.id) == revoked
    assert keys.list() == (revoked,)


@pytest.mark.parametrize("identifier", ["", "one", "\0", UNKNOWN])
def test_revoking_what_is_not_there(keys: Keys, identifier: str) -> None:
    with pytest.raises(NotFound):
        keys.revoke(identifier)


def test_a_key_ends_by_the_databases_clock(database: Database, keys: Keys) -> None:
    present = database.now()
    _, over = keys.add("over", present - timedelta(seconds=1))
    soon, secret = keys.add("soon", present + timedelta(hours=1))
    assert keys.find(over) is None
    assert keys.find(secret) == soon
    assert soon.expires_at == present + timedelta(hours=1)


def test_a_key_once_set_up_counts_even_when_revoked(keys: Keys) -> None:
    assert not keys.any()
    key, _ = keys.add("one")
    assert keys.any()
    keys.revoke(key.id)
    assert keys.any()
