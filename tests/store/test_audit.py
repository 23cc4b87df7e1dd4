import pytest
import structlog

from deltarule.store.audit import Audit
from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import InUse
from deltarule.store.jobs import Jobs
from deltarule.store.keys import Keys
from deltarule.store.models import Models
from tests.store.making import OWNER, dataset, job
from tests.store.test_models import trained


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database)


def entries(audit: Audit) -> list[tuple[str, str, str | None]]:
    return [(entry.action, entry.subject, entry.owner) for entry in audit.newest(100)]


def test_keys_that_come_and_go_are_written_down(database: Database, audit: Audit) -> None:
    key, _ = Keys(database).add("one")
    Keys(database).revoke(key.id)
    Keys(database).revoke(key.id)
    assert entries(audit) == [("key revoked", key.id, key.id), ("key added", key.id, key.id)]


def test_what_is_removed_is_written_down_with_its_owner_and_the_request(
    database: Database, audit: Audit, blobs: LocalBlobs
) -> None:
    table, queued = dataset(database, blobs, OWNER), job(database, OWNER)
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        Datasets(database, blobs).remove(OWNER, table.id)
        Jobs(database).remove(OWNER, queued.id)
    assert entries(audit) == [("job removed", queued.id, OWNER), ("dataset removed", table.id, OWNER)]
    assert {entry.request_id for entry in audit.newest(100)} == {"request-1"}
    assert all(abs((entry.at - database.now()).total_seconds()) < 60 for entry in audit.newest(100))


def test_a_model_without_an_owner_is_written_down_too(database: Database, audit: Audit) -> None:
    model = trained(database)
    Models(database).remove(None, model.id)
    assert entries(audit) == [("model removed", model.id, None)]
    assert audit.newest(1)[0].request_id is None


def test_what_is_refused_is_not_written_down(database: Database, audit: Audit, blobs: LocalBlobs) -> None:
    table = dataset(database, blobs)
    Jobs(database).add(None, name=None, spec={}, dataset_id=table.id)
    with pytest.raises(InUse):
        Datasets(database, blobs).remove(None, table.id)
    assert entries(audit) == []


def test_only_so_many_are_told(database: Database, audit: Audit) -> None:
    for name in "abc":
        last, _ = Keys(database).add(name)
    assert [entry.subject for entry in audit.newest(1)] == [last.id]
