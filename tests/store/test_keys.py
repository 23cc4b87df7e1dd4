import hashlib
from datetime import timedelta
from typing import Never

import pytest
from sqlalchemy import select, update

from deltarule.store.blobs import LocalBlobs
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import NotFound, StorageFull
from deltarule.store.jobs import Jobs
from deltarule.store.keys import Keys
from deltarule.store.tables import KeyRow
from tests.store.making import OWNER, UNKNOWN, dataset, job


def test_a_secret_finds_its_key_and_only_its_own(keys: Keys) -> None:
    (one, secret), (other, _) = keys.add("one"), keys.add("other")
    assert keys.find(secret) == one
    assert one.name == "one"
    assert one.expires_at is one.revoked_at is None
    assert [key.id for key in keys.list()] == [other.id, one.id]


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


def test_a_use_is_written_down_at_most_once_a_minute(database: Database, keys: Keys) -> None:
    one, secret = keys.add("one")
    assert one.last_used_at is None
    keys.find("dr_wrong")
    keys.find(secret)
    (used,) = keys.list()
    assert used.last_used_at is not None
    assert abs(used.last_used_at - database.now()) < timedelta(minutes=1)
    keys.find(secret)
    assert keys.list() == (used,)
    with database.write() as session:
        session.execute(update(KeyRow).values(last_used_at=from_now(-61)))
    keys.find(secret)
    assert keys.list()[0].last_used_at >= used.last_used_at  # type: ignore[operator]


def test_a_key_is_found_although_its_use_cannot_be_written_down(
    database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, secret = keys.add("one")

    def full() -> Never:
        raise StorageFull("There is no room left in the database.")

    monkeypatch.setattr(database, "write", full)
    assert keys.find(secret) == one


def test_a_key_adopts_what_was_made_without_one(database: Database, blobs: LocalBlobs, keys: Keys) -> None:
    table, queued = dataset(database, blobs), job(database)
    others = dataset(database, blobs, OWNER)
    keys.add("first")
    assert Datasets(database, blobs).page(None).items == (table,)
    second, _ = keys.add("second", adopt=True)
    assert Datasets(database, blobs).page(second.id).items == (table,)
    assert [found.id for found in Jobs(database).page(second.id).items] == [queued.id]
    assert Datasets(database, blobs).page(None).items == ()
    assert Datasets(database, blobs).page(OWNER).items == (others,)
