"""The whole way of a dataset and its job where the bytes lie in a bucket, and what is said when that is away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from deltarule.store.attempts import Attempts
from deltarule.store.settings import Settings
from service.app import create_app
from service.services import NAME
from tests import servers
from worker.execution import Execution, Outcome
from worker.preparation import Preparation

ROWS = "length,colour\n" + "".join(f"{number},{'red' if number % 2 else 'blue'}\n" for number in range(60))


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, s3: servers.Server, bucket: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=sqlite_url,
        storage_url=f"s3://{bucket}/datasets",
        storage_endpoint=s3.url,
        storage_region="us-east-1",
        storage_access_key="me",
        storage_secret_key="secret",  # noqa: S106
    )


def execution(app: APIFlask, settings: Settings) -> Execution:
    made = app.extensions[NAME]
    return Execution(
        Attempts(made.database), Preparation(made.datasets, made.models, made.blobs), settings, owner="the test"
    )


def upload(client: FlaskClient) -> dict:
    response = client.post("/v1/datasets", data=ROWS, content_type="text/csv")
    assert response.status_code == 201, response.json
    answer: dict = response.json
    return answer


def test_a_dataset_in_a_bucket_is_described_read_trained_on_and_removed(
    app: APIFlask, client: FlaskClient, settings: Settings
) -> None:
    dataset = upload(client)
    assert client.get("/readyz").status_code == 200
    part = client.get(dataset["links"]["content"], headers={"Range": "bytes=7-12"})
    assert (part.status_code, part.text) == (206, "colour")
    assert client.get(dataset["links"]["content"]).text == ROWS
    assert len(client.get(dataset["links"]["preview"]).json["rows"]) == 20
    job = client.post(
        "/v1/jobs", json={"dataset_id": dataset["id"], "target": "colour", "training": {"epochs": 2}}
    ).json
    assert execution(app, settings).execute(job["id"]) is Outcome.SUCCEEDED
    model = client.get(f"/v1/jobs/{job['id']}").json["model_id"]
    evaluated = client.post(f"/v1/models/{model}/evaluations", json={"dataset_id": dataset["id"]})
    assert evaluated.status_code == 200
    assert client.delete(dataset["links"]["self"]).status_code == 204
    assert list(app.extensions[NAME].blobs.keys(-60)) == []


def test_what_is_no_table_leaves_nothing_in_the_bucket(app: APIFlask, client: FlaskClient) -> None:
    assert client.post("/v1/datasets", data="a,b\n1\n", content_type="text/csv").status_code == 422
    assert list(app.extensions[NAME].blobs.keys(-60)) == []


def test_a_storage_that_is_away_is_told_and_its_job_is_put_off(
    app: APIFlask, client: FlaskClient, settings: Settings, make_app: Callable[[Settings], APIFlask]
) -> None:
    dataset = upload(client)
    job = client.post("/v1/jobs", json={"dataset_id": dataset["id"], "target": "colour"}).json
    gone = settings.model_copy(update={"storage_endpoint": f"http://127.0.0.1:{servers.free_port()}"})
    elsewhere = make_app(gone)
    for path in ("/readyz", dataset["links"]["content"], dataset["links"]["preview"]):
        answer = elsewhere.test_client().get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["Retry-After"]) > 0
        assert "storage" in answer.json["detail"]
    refused = elsewhere.test_client().post("/v1/datasets", data=ROWS, content_type="text/csv")
    assert refused.status_code == 503
    assert execution(elsewhere, gone).execute(job["id"]) is Outcome.PUT_OFF
    assert client.get(f"/v1/jobs/{job['id']}").json["status"] == "queued"
    assert execution(app, settings).execute(job["id"]) is Outcome.SUCCEEDED


def test_it_starts_although_the_storage_is_away(settings: Settings) -> None:
    create_app(settings.model_copy(update={"storage_endpoint": "http://127.0.0.1:1"})).extensions[NAME].database.close()
