"""Bytes that several datasets share: stored once, gone with the last of them, whoever races for them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import NotFound
from deltarule.store.jobs import Jobs
from tests.store.making import CSV, OWNER, STRANGER, new_dataset
from tests.store.test_blobs import files


@pytest.fixture
def datasets(database: Database, blobs: LocalBlobs) -> Datasets:
    return Datasets(database, blobs)


def test_the_same_bytes_of_two_owners_lie_there_once(datasets: Datasets, blobs: LocalBlobs, tmp_path: Path) -> None:
    one, other = datasets.add(OWNER, new_dataset(blobs)), datasets.add(STRANGER, new_dataset(blobs))
    assert one.blob_key == other.blob_key
    assert files(blobs, tmp_path) == [one.blob_key]
    assert datasets.page(OWNER).items == (one,)
    assert datasets.page(STRANGER).items == (other,)
    with pytest.raises(NotFound):
        datasets.get(STRANGER, one.id)


def test_other_bytes_lie_beside_them(datasets: Datasets, blobs: LocalBlobs, tmp_path: Path) -> None:
    one, other = datasets.add(None, new_dataset(blobs)), datasets.add(None, new_dataset(blobs, CSV + b"3,4\n"))
    assert files(blobs, tmp_path) == sorted([one.blob_key, other.blob_key])


def test_they_go_with_the_last_dataset(datasets: Datasets, blobs: LocalBlobs, tmp_path: Path) -> None:
    made = [datasets.add(owner, new_dataset(blobs)) for owner in (OWNER, OWNER, STRANGER)]
    for dataset in made[:2]:
        datasets.remove(OWNER, dataset.id)
        assert blobs.path(made[2].blob_key).read_bytes() == CSV
    datasets.remove(STRANGER, made[2].id)
    assert files(blobs, tmp_path) == []
    again = datasets.add(OWNER, new_dataset(blobs))
    assert blobs.path(again.blob_key).read_bytes() == CSV


def test_inline_data_shares_them_too(database: Database, datasets: Datasets, blobs: LocalBlobs, tmp_path: Path) -> None:
    kept = datasets.add(OWNER, new_dataset(blobs))
    inline = new_dataset(blobs)
    job = Jobs(database).add(OWNER, name=None, spec={}, inline=inline)
    datasets.release(inline.blob_key)
    assert job.dataset_id
    assert datasets.get(OWNER, job.dataset_id).blob_key == kept.blob_key
    assert files(blobs, tmp_path) == [kept.blob_key]


def test_bytes_that_a_dataset_has_are_not_released(datasets: Datasets, blobs: LocalBlobs) -> None:
    kept = datasets.add(None, new_dataset(blobs))
    datasets.release(kept.blob_key)
    assert blobs.path(kept.blob_key).read_bytes() == CSV


def test_who_brings_and_who_removes_at_once_leave_every_dataset_its_bytes(
    datasets: Datasets, blobs: LocalBlobs, tmp_path: Path
) -> None:
    def bring_and_remove(number: int) -> None:
        owner = f"{number:036d}"
        for _ in range(8):
            kept, removed = datasets.add(owner, new_dataset(blobs)), datasets.add(owner, new_dataset(blobs))
            assert blobs.path(removed.blob_key).read_bytes() == CSV
            datasets.remove(owner, removed.id)
            assert blobs.path(kept.blob_key).read_bytes() == CSV
            datasets.remove(owner, kept.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(bring_and_remove, range(6)))
    assert files(blobs, tmp_path) == []
