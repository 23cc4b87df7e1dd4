import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

import deltarule
from deltarule.client import Client, InvalidInput, NotFound, Refused
from tests.client.standin import EPOCHS, StandIn, application, served


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "penguins.csv"
    path.write_text("bill,species\n1,Adelie\n2,Gentoo\n")
    return path


def test_a_table_is_uploaded_under_its_files_name(client: Client, standin: StandIn, table: Path) -> None:
    dataset = client.upload(table)
    assert (dataset.name, dataset.format, dataset.rows) == ("penguins", "text/csv", 2)
    assert dataset.bytes == table.stat().st_size
    assert client.dataset(dataset.id) == dataset
    assert client.upload(table, name="other").name == "other"
    assert len(standin.datasets) == 2


def test_training_uploads_and_queues_what_was_asked(client: Client, standin: StandIn, table: Path) -> None:
    job = client.train(
        table, "species", name="first", layers="4:relu", optimizer="adam:0.1", epochs=3, batch_size="full", seed=7
    )
    assert job.status == "queued"
    assert job.answer.spec == {
        "dataset_id": next(iter(standin.datasets)),
        "target": "species",
        "name": "first",
        "network": {"layers": [{"units": 4, "activation": "relu"}, {}]},
        "optimizer": {"name": "adam", "learning_rate": 0.1},
        "training": {"epochs": 3, "batch_size": "full", "seed": 7},
    }


@pytest.mark.parametrize(
    "data", [(pl.DataFrame({"a": [1]}), "b"), ({"a": [1]}, [2]), ([[1]], [2]), (np.eye(2), [0, 1])]
)
def test_training_takes_what_a_program_holds(client: Client, standin: StandIn, data: tuple[Any, Any]) -> None:
    job = client.train(*data, sample_weight="w")
    assert job.answer.spec["dataset_id"] in standin.datasets
    assert job.answer.spec["sample_weight"] == "w"
    assert job.answer.spec.get("target") == (
        data[1] if data[1] == "b" else "target" if isinstance(data[0], dict) else None
    )


def test_training_on_a_dataset_uploads_nothing(client: Client, standin: StandIn, table: Path) -> None:
    dataset = client.upload(table)
    job = client.train(dataset, target=["a", "b"], features=("c",), task="regression", loss="huber")
    assert job.answer.spec["dataset_id"] == dataset.id
    assert job.answer.spec["target"] == ["a", "b"]
    assert job.answer.spec["features"] == ["c"]
    assert len(standin.datasets) == 1


def test_a_refused_job_leaves_no_table_behind(client: Client, standin: StandIn, table: Path) -> None:
    with pytest.raises(Refused, match="cannot be trained") as error:
        client.train(table, "nonsense")
    assert [fault.pointer for fault in error.value.faults] == ["/target"]
    assert not standin.datasets


def test_a_refused_job_leaves_a_dataset_that_was_there_before(client: Client, standin: StandIn, table: Path) -> None:
    dataset = client.upload(table)
    with pytest.raises(Refused):
        client.train(dataset, "nonsense")
    assert dataset.id in standin.datasets


def test_a_repeated_post_makes_nothing_twice(standin: StandIn, table: Path) -> None:
    """The answer to each first POST is lost on the way; the second, under the same key, is given the same one."""
    inner = httpx.WSGITransport(application(standin))
    lost: set[str] = set()

    class Losing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = inner.handle_request(request)
            if request.method == "POST" and request.headers["Idempotency-Key"] not in lost:
                lost.add(request.headers["Idempotency-Key"])
                raise httpx.ReadError("the connection broke")
            return response

    with Client("http://service.test", transport=Losing()) as client:
        job = client.train(table, "species")
    assert len(lost) == 2
    assert list(standin.jobs) == [job.id]
    assert len(standin.datasets) == 1


def test_a_service_that_loses_every_first_answer_makes_nothing_twice(standin: StandIn, table: Path) -> None:
    with served(standin, cutting=True) as url, Client(url) as client:
        job = client.train(table, "species")
        assert len(list(job)) == EPOCHS
        model = job.model()
        assert model.predict([{"bill": 1}])[0].label == "Adelie"
        assert (list(standin.jobs), list(standin.models), len(standin.datasets)) == ([job.id], [model.id], 1)
        model.delete()
        job.delete()
    assert not standin.jobs
    assert not standin.models


def test_a_client_is_shared_by_copies_and_takes_no_key_along(standin: StandIn) -> None:
    with Client("http://service.test", "dr_secret") as client:
        assert copy.deepcopy({"client": client})["client"] is client
        packed = pickle.dumps(client)
    assert b"dr_secret" not in packed
    with pickle.loads(packed) as other:  # noqa: S301 - packed here
        assert other.url == "http://service.test"


def test_lists_go_on_over_all_pages_newest_first(client: Client, table: Path) -> None:
    datasets = [client.upload(table) for _ in range(5)]
    jobs = [client.train(datasets[0], "species") for _ in range(3)]
    assert [dataset.id for dataset in client.datasets()] == [dataset.id for dataset in reversed(datasets)]
    assert [dataset.id for dataset in client.datasets(limit=3)] == [dataset.id for dataset in datasets[:1:-1]]
    assert [job.id for job in client.jobs(status="queued")] == [job.id for job in reversed(jobs)]
    assert list(client.jobs(status="failed")) == []
    assert list(client.models()) == []


def test_a_dataset_is_removed(client: Client, standin: StandIn, table: Path) -> None:
    client.delete_dataset(client.upload(table).id)
    assert not standin.datasets


def test_validate_asks_without_making(client: Client, standin: StandIn) -> None:
    assert client.validate({"target": "species"})["parameters"] == 26
    assert not standin.jobs


@pytest.mark.parametrize("identifier", ["", "..", "a/b", "a?b", "a%2Fb", "ä b"])
def test_what_is_no_id_never_becomes_another_path(client: Client, identifier: str) -> None:
    for get in (client.job, client.model, client.dataset):
        with pytest.raises(InvalidInput, match="is not an id"):
            get(identifier)


def test_an_unknown_id_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound, match="no job with the id"):
        client.job("nothing")


def test_a_document_that_json_cannot_carry_is_refused(client: Client) -> None:
    with pytest.raises(InvalidInput, match="cannot be written as JSON"):
        client.submit({"optimizer": {"learning_rate": float("nan")}})


def test_the_package_gives_the_client_and_nothing_else() -> None:
    assert deltarule.Client is Client
    with pytest.raises(AttributeError, match="Server"):
        _ = deltarule.Server  # type: ignore[attr-defined]


def test_the_client_loads_nothing_of_what_runs_behind_the_service() -> None:
    heavy = (
        "numpy",
        "polars",
        "flask",
        "celery",
        "sqlalchemy",
        "deltarule.store",
        "deltarule.training",
    )
    program = f"import sys, deltarule.client; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
