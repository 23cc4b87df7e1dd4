import errno
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Never

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import (
    IdempotencyMismatch,
    InUse,
    InvalidCursor,
    NotFound,
    Refused,
    Replayed,
    SchemaOutdated,
)
from deltarule.store.identifiers import new_id
from deltarule.store.jobs import Jobs
from deltarule.store.records import Answer, Dataset, Idempotency, NewDataset
from tests.store.making import CSV, LEASE_SECONDS, OWNER, STRANGER, UNKNOWN, dataset, new_dataset, new_model
from tests.store.test_blobs import age, files


@pytest.fixture
def datasets(database: Database, blobs: LocalBlobs) -> Datasets:
    return Datasets(database, blobs)


def once(key: str = "key", sha256: str = "1" * 64) -> Idempotency[Dataset]:
    return Idempotency(key, sha256, lambda made: Answer(201, f"/v1/datasets/{made.id}", made.id))


def test_what_is_added_is_got(datasets: Datasets, blobs: LocalBlobs) -> None:
    new = new_dataset(blobs)
    added = datasets.add(None, new)
    assert {name: getattr(added, name) for name in NewDataset.__slots__} == {
        name: getattr(new, name) for name in NewDataset.__slots__
    }
    assert abs(added.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert datasets.get(None, added.id) == added
    assert blobs.path(added.blob_key).read_bytes() == CSV


@pytest.mark.parametrize("owner", [None, OWNER])
@pytest.mark.parametrize("stranger", [None, STRANGER])
def test_strangers_find_nothing(
    database: Database, datasets: Datasets, blobs: LocalBlobs, owner: str | None, stranger: str | None
) -> None:
    if owner == stranger:
        stranger = new_id()
    own = dataset(database, blobs, owner)
    with pytest.raises(NotFound):
        datasets.get(stranger, own.id)
    with pytest.raises(NotFound):
        datasets.remove(stranger, own.id)
    assert datasets.page(stranger).items == ()
    assert datasets.page(owner).items == (own,)


@pytest.mark.parametrize("identifier", ["", "1", "\0", "\ud800", "x" * 5000, "0" * 36, "%", UNKNOWN])
def test_what_is_not_there_is_not_found(datasets: Datasets, identifier: str) -> None:
    with pytest.raises(NotFound) as raised:
        datasets.get(None, identifier)
    assert raised.value.kind == "dataset"
    assert len(str(raised.value)) < 500
    with pytest.raises(NotFound):
        datasets.remove(None, identifier)


def test_pages_are_newest_first_and_do_not_shift(database: Database, datasets: Datasets, blobs: LocalBlobs) -> None:
    made = [dataset(database, blobs) for _ in range(7)]
    first = datasets.page(None, 3)
    assert list(first.items) == made[:3:-1]
    assert first.next is not None
    dataset(database, blobs)
    datasets.remove(None, made[5].id)
    datasets.remove(None, made[3].id)
    second = datasets.page(None, 3, first.next)
    assert list(second.items) == [made[2], made[1], made[0]]
    assert second.next is None


def test_a_page_that_is_full_at_the_end_is_the_last(database: Database, datasets: Datasets, blobs: LocalBlobs) -> None:
    dataset(database, blobs)
    dataset(database, blobs)
    assert datasets.page(None, 2).next is None
    assert len(datasets.page(None, 1).items) == 1


@pytest.mark.parametrize("cursor", ["", "x", "\0", "' OR 1=1 --"])
def test_a_strange_cursor_is_refused(datasets: Datasets, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        datasets.page(None, 3, cursor)


def test_removing_deletes_row_and_bytes(
    database: Database, datasets: Datasets, blobs: LocalBlobs, tmp_path: Path
) -> None:
    own = dataset(database, blobs)
    datasets.remove(None, own.id)
    with pytest.raises(NotFound):
        datasets.get(None, own.id)
    assert files(blobs, tmp_path) == []


def test_a_row_goes_even_when_its_bytes_cannot_and_they_are_found_later(
    database: Database, datasets: Datasets, blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, missing_ok: bool = False) -> Never:
        raise OSError(errno.EIO, "Input/output error")

    own = dataset(database, blobs)
    age(blobs.path(own.blob_key), 7200)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", fail)
        datasets.remove(None, own.id)
    assert files(blobs, tmp_path) == [own.blob_key]
    assert datasets.tidy() == 1
    assert files(blobs, tmp_path) == []


@pytest.mark.parametrize("role", ["dataset_id", "validation_dataset_id"])
def test_a_dataset_that_a_job_needs_stays_until_the_job_ends(
    database: Database, datasets: Datasets, blobs: LocalBlobs, role: str
) -> None:
    own, jobs, attempts = dataset(database, blobs), Jobs(database), Attempts(database)
    job = jobs.add(
        None,
        name=None,
        spec={},
        dataset_id=own.id if role == "dataset_id" else None,
        validation_dataset_id=own.id if role == "validation_dataset_id" else None,
    )
    with pytest.raises(InUse, match=job.id):
        datasets.remove(None, own.id)
    claim = attempts.claim(job.id, "worker", LEASE_SECONDS)
    assert claim is not None
    with pytest.raises(InUse):
        datasets.remove(None, own.id)
    attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model())
    datasets.remove(None, own.id)
    ended = jobs.get(None, job.id)
    assert (ended.dataset_id, ended.validation_dataset_id) == (None, None)


def test_a_job_and_the_removal_of_its_dataset_at_once_never_both_happen(
    database: Database, datasets: Datasets, blobs: LocalBlobs
) -> None:
    jobs = Jobs(database)

    def race(number: int) -> bool:
        own = dataset(database, blobs)
        with ThreadPoolExecutor(2) as pool:
            submitted = pool.submit(jobs.add, None, name=str(number), spec={}, dataset_id=own.id)
            removed = pool.submit(datasets.remove, None, own.id)
            errors = (submitted.exception(), removed.exception())
        if isinstance(errors[0], NotFound):
            return errors[1] is None
        return errors[0] is None and isinstance(errors[1], InUse) and jobs.page(None).items[0].dataset_id == own.id

    assert all(race(number) for number in range(20))


def test_a_request_that_comes_again_makes_nothing_and_leaves_no_bytes(
    datasets: Datasets, blobs: LocalBlobs, tmp_path: Path
) -> None:
    first = datasets.add(None, new_dataset(blobs), idempotency=once())
    with pytest.raises(Replayed) as raised:
        datasets.add(None, new_dataset(blobs), idempotency=once())
    assert raised.value.answer == Answer(201, f"/v1/datasets/{first.id}", first.id)
    with pytest.raises(IdempotencyMismatch):
        datasets.add(None, new_dataset(blobs), idempotency=once(sha256="2" * 64))
    assert datasets.page(None).items == (first,)
    assert files(blobs, tmp_path) == [first.blob_key]


def test_a_name_that_no_row_can_hold_leaves_nothing(datasets: Datasets, blobs: LocalBlobs, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        datasets.add(None, new_dataset(blobs, name="\ud800"))
    assert datasets.page(None).items == ()
    assert files(blobs, tmp_path) == []


def test_a_number_that_no_row_can_hold_is_refused(datasets: Datasets, blobs: LocalBlobs) -> None:
    with pytest.raises(Refused):
        datasets.add(None, replace(new_dataset(blobs), rows=2**70))


def test_without_tables_nothing_is_lost(tmp_path: Path, blobs: LocalBlobs) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(SchemaOutdated, match="deltarule migrate"):
        dataset(database, blobs)
    assert files(blobs, tmp_path) == []
    database.close()


def test_tidying_deletes_only_old_bytes_without_a_row(
    database: Database, datasets: Datasets, blobs: LocalBlobs, tmp_path: Path
) -> None:
    kept, abandoned, fresh = dataset(database, blobs), new_dataset(blobs), new_dataset(blobs)
    for key in (kept.blob_key, abandoned.blob_key):
        age(blobs.path(key), 7200)
    assert datasets.tidy() == 1
    assert files(blobs, tmp_path) == sorted([kept.blob_key, fresh.blob_key])
