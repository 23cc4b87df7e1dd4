"""The way of one job through the service, on both databases and with both kinds of broker."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from deltarule.store.attempts import Attempts
from deltarule.store.settings import Settings
from service.services import NAME, Services
from tests.service.routes.test_jobs import INLINE
from worker.execution import Execution, Outcome
from worker.preparation import Preparation

TABLE = "length,colour\n" + "".join(f"{number},{'red' if number % 2 else 'blue'}\n" for number in range(40))


@pytest.fixture(params=["filesystem", "redis"])
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    broker: dict[str, Any] = {}
    if request.param == "redis":
        broker = {"broker_url": request.getfixturevalue("redis_url")}
    return Settings(data=tmp_path / "data", database_url=database_url, **broker)


def test_from_a_table_to_a_prediction(make_app: Callable[[Settings], APIFlask], settings: Settings) -> None:
    app = make_app(settings)
    client, services = app.test_client(), app.extensions[NAME]
    dataset = client.post("/v1/datasets?name=things", data=TABLE, content_type="text/csv").json
    body = {"dataset_id": dataset["id"], "target": "colour", "training": {"epochs": 2}}
    job = client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"}).json
    assert client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"}).json == job
    assert execution(services).execute(job["id"]) is Outcome.SUCCEEDED
    job = client.get(f"{job['links']['self']}?wait=60").json
    assert job["status"] == "succeeded"
    assert client.get(job["links"]["history"]).json["epoch"] == [1, 2]
    model = client.get(job["links"]["model"]).json
    answer = client.post(model["links"]["predictions"], json={"rows": [{"length": 3}]}).json
    assert answer["predictions"][0]["label"] in ("red", "blue")
    for path in (model["links"]["self"], job["links"]["self"], dataset["links"]["self"]):
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404


def execution(services: Services) -> Execution:
    preparation = Preparation(services.datasets, services.models, services.blobs)
    return Execution(Attempts(services.database), preparation, services.settings, owner="the test")


@pytest.fixture
def frozen_broker() -> Iterator[str]:
    """A broker that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.timeout(30)
def test_a_frozen_broker_keeps_no_job_out(
    make_app: Callable[[Settings], APIFlask], sqlite_url: str, tmp_path: Path, frozen_broker: str
) -> None:
    settings = Settings(data=tmp_path / "data", database_url=sqlite_url, broker_url=frozen_broker)
    client = make_app(settings).test_client()
    for _ in range(10):
        assert client.post("/v1/jobs", json=INLINE).status_code == 202
    assert len(client.get("/v1/jobs").json["items"]) == 10
