from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import LimitReached
from deltarule.store.jobs import Jobs
from deltarule.store.quotas import Quotas
from tests.store.making import CSV, OWNER, STRANGER, new_dataset
from tests.store.test_blobs import files


def test_so_many_jobs_of_one_owner_are_queued(database: Database) -> None:
    jobs = Jobs(database, Quotas(queued_jobs=2))
    first, _ = (jobs.add(OWNER, name=None, spec={}) for _ in range(2))
    with pytest.raises(LimitReached, match="2 jobs are queued"):
        jobs.add(OWNER, name=None, spec={})
    jobs.add(STRANGER, name=None, spec={})
    jobs.cancel(OWNER, first.id)
    jobs.add(OWNER, name=None, spec={})


def test_so_many_bytes_belong_to_one_owner_shared_or_not(database: Database, blobs: LocalBlobs, tmp_path: Path) -> None:
    datasets = Datasets(database, blobs, Quotas(dataset_bytes=2 * len(CSV)))
    first, second = (datasets.add(OWNER, new_dataset(blobs)) for _ in range(2))
    with pytest.raises(LimitReached, match=f"{2 * len(CSV)} bytes"):
        datasets.add(OWNER, new_dataset(blobs, b"other"))
    assert files(blobs, tmp_path) == [first.blob_key]
    datasets.add(STRANGER, new_dataset(blobs))
    datasets.remove(OWNER, second.id)
    datasets.add(OWNER, new_dataset(blobs))


def test_inline_data_counts(database: Database, blobs: LocalBlobs) -> None:
    jobs = Jobs(database, Quotas(dataset_bytes=len(CSV) - 1))
    with pytest.raises(LimitReached):
        jobs.add(OWNER, name=None, spec={}, inline=new_dataset(blobs))
    assert jobs.page(OWNER).items == ()


def test_many_at_once_do_not_slip_in(database: Database) -> None:
    jobs = Jobs(database, Quotas(queued_jobs=3))

    def add(_: int) -> bool:
        try:
            jobs.add(OWNER, name=None, spec={})
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(add, range(24)))
    assert sum(added) == len(jobs.page(OWNER).items) == 3
