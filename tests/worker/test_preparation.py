"""From rows and bytes in a real store to a run."""

import pytest

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import NotFound
from deltarule.store.jobs import Jobs
from deltarule.store.models import Models
from deltarule.store.records import Job
from deltarule.training.errors import DataError
from deltarule.training.model import Model
from deltarule.training.resolution import resolve
from deltarule.training.spec import Spec
from deltarule.training.tables import describe
from tests.worker.making import CSV, execution, submit
from worker import preparation
from worker.execution import Outcome
from worker.preparation import Preparation

PLAN = {"training": {"epochs": 3, "early_stopping": None}}


@pytest.fixture
def prepare(database: Database, blobs: LocalBlobs) -> Preparation:
    return Preparation(Datasets(database, blobs), Models(database), blobs)


def test_a_run_has_the_jobs_plan_and_begins_at_its_start(
    database: Database, blobs: LocalBlobs, prepare: Preparation
) -> None:
    run = prepare(submit(database, blobs, **PLAN))
    assert run.definition.training.epochs == 3
    assert not run.finished
    assert run.elapsed == 0


def test_a_validation_dataset_is_measured_on(database: Database, blobs: LocalBlobs, prepare: Preparation) -> None:
    other = submit(database, blobs, **PLAN).dataset_id
    job = submit(database, blobs, training={**PLAN["training"], "validation_dataset_id": other})
    with_validation = Jobs(database).add(
        None, name=None, spec=job.spec, dataset_id=job.dataset_id, validation_dataset_id=other
    )
    run = prepare(with_validation)
    while not run.finished:
        run.advance()
    assert run.metrics()["validation"] is not None
    assert prepare(job).metrics()["training"] != run.metrics()["training"]


def test_rows_in_blocks_come_from_disk(database: Database, blobs: LocalBlobs, prepare: Preparation) -> None:
    other = submit(database, blobs, **PLAN)
    training = {**PLAN["training"], "shuffle_block": 4, "validation_dataset_id": other.dataset_id}
    job = submit(database, blobs, training=training)
    given = Jobs(database).add(
        None, name=None, spec=job.spec, dataset_id=job.dataset_id, validation_dataset_id=other.dataset_id
    )
    runs = [prepare(given), prepare(given)]
    for run in runs:
        while not run.finished:
            run.advance()
    assert runs[0].definition.training.shuffle_block == 4
    assert runs[0].metrics() == runs[1].metrics()
    assert runs[0].metrics()["validation"] is not None


def test_a_model_is_gone_on_from(database: Database, blobs: LocalBlobs, prepare: Preparation) -> None:
    first = submit(database, blobs, **PLAN)
    assert execution(database, blobs).execute(first.id) is Outcome.SUCCEEDED
    model_id = Jobs(database).get(None, first.id).model_id
    assert model_id is not None
    continued = prepare(goes_on(database, blobs, first, model_id))
    start = continued.model().parameters.vector
    end = Models(database).content(None, model_id)
    assert start.tobytes() in end, "it begins with the weights that the first ended with"


def goes_on(database: Database, blobs: LocalBlobs, job: Job, model_id: str) -> Job:
    model = Model.from_bytes(Models(database).content(None, model_id))
    posted = Spec.model_validate(
        {"dataset_id": job.dataset_id, "target": "y", "network": {"model_id": model_id}}, strict=False
    )
    spec = resolve(posted, describe(CSV.encode(), "csv"), model).model_dump(mode="json")
    return Jobs(database).add(None, name=None, spec=spec, dataset_id=job.dataset_id, continued_model_id=model_id)


def test_a_job_without_its_dataset_says_so(database: Database, prepare: Preparation) -> None:
    job = Jobs(database).add(None, name=None, spec={})
    with pytest.raises(NotFound, match="dataset"):
        prepare(job)


def test_bytes_that_are_gone_are_told_as_the_dataset(
    database: Database, blobs: LocalBlobs, prepare: Preparation
) -> None:
    job = submit(database, blobs, **PLAN)
    for key in blobs.keys(-3600):
        blobs.delete(key)
    with pytest.raises(NotFound, match=f"dataset with the id '{job.dataset_id}'"):
        prepare(job)


def test_a_small_table_is_read_once_for_many_jobs_and_gives_each_the_same_run(
    database: Database, blobs: LocalBlobs, prepare: Preparation
) -> None:
    job = submit(database, blobs, **PLAN)
    first = prepare(job)
    for key in blobs.keys(-3600):
        blobs.delete(key)
    second = prepare(job)
    for run in (first, second):
        while not run.finished:
            run.advance()
    assert second.metrics() == first.metrics()
    assert second.model().parameters.vector.tobytes() == first.model().parameters.vector.tobytes()


@pytest.mark.parametrize("bound", [("SMALL_BYTES", 10), ("PACKED", {"csv"})], ids=["large", "may be"])
def test_a_table_that_is_large_or_may_be_is_not_kept(
    database: Database,
    blobs: LocalBlobs,
    prepare: Preparation,
    monkeypatch: pytest.MonkeyPatch,
    bound: tuple[str, object],
) -> None:
    """A worker that held the tables of others would leave less memory to each of its jobs."""
    monkeypatch.setattr(preparation, *bound)
    job = submit(database, blobs, **PLAN)
    prepare(job)
    for key in blobs.keys(-3600):
        blobs.delete(key)
    with pytest.raises(NotFound):
        prepare(job)


def test_bytes_that_are_no_table_any_more_are_told(database: Database, blobs: LocalBlobs, prepare: Preparation) -> None:
    job = submit(database, blobs, **PLAN)
    for key in blobs.keys(-3600):
        blobs.path(key).write_bytes(b"\x00\x01\x02")
    with pytest.raises(DataError):
        prepare(job)
