"""The number of threads is a job's own: chosen at its first start, and then the same wherever it goes on."""

from dataclasses import replace

import pytest
from threadpoolctl import threadpool_info

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.models import Models
from deltarule.store.records import Job
from deltarule.training.run import Run
from tests.worker.making import submit
from worker import threads
from worker.preparation import Preparation
from worker.threads import Threads


def used() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def job(database: Database, blobs: LocalBlobs) -> Job:
    return submit(database, blobs, training={"epochs": 1, "batch_size": "full"})


@pytest.fixture
def run(database: Database, blobs: LocalBlobs, job: Job) -> Run:
    return Preparation(Datasets(database, blobs), Models(database), blobs)(job)


def test_a_small_network_is_trained_by_one(job: Job, run: Run) -> None:
    assert Threads(2).set_for(job, run) == 1
    assert used() == {1}


def test_where_it_pays_a_job_has_its_share_and_keeps_it(job: Job, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WORTHWHILE_PRODUCTS", 1)
    assert Threads(2).set_for(job, run) == 2
    assert used() == {2}
    assert Threads(2).set_for(replace(job, threads=1), run) == 1
    assert used() == {1}
    monkeypatch.undo()
    assert Threads(1).set_for(replace(job, threads=2), run) == 2
    assert Threads(1).set_for(job, run) == 1


@pytest.mark.parametrize(("given", "share"), [("3", 3), ("0", 1), ("", 1), ("many", 1)])
def test_the_share_is_what_the_environment_gives(
    given: str, share: int, job: Job, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    monkeypatch.setattr(threads, "WORTHWHILE_PRODUCTS", 1)
    assert Threads().set_for(job, run) == share
    assert Threads(1).set_for(job, run) == 1
