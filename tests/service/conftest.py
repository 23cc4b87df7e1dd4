"""The service in a process of the test's own, every answer of it held against its OpenAPI document."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.store.attempts import Attempts
from deltarule.store.settings import Settings
from service.app import create_app
from service.services import NAME, Services
from tests.service.checking import Checker
from worker.execution import Execution
from worker.preparation import Preparation


class CheckedClient(FlaskClient):
    """A test client that believes no answer which the OpenAPI document does not promise."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 -- as its base has it
        response = super().open(*args, **kwargs)
        response.get_data()
        response.close()
        checker: Checker = self.application.extensions["checker"]
        checker.check(response)
        return response


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=sqlite_url)


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    return Checker(create_app(Settings.embedded(tmp_path_factory.mktemp("document"))))


@pytest.fixture
def make_app(checker: Checker) -> Iterator[Callable[[Settings], APIFlask]]:
    """A function that makes apps, whose databases are closed afterwards."""
    apps: list[APIFlask] = []

    def make(settings: Settings) -> APIFlask:
        app = create_app(settings)
        app.test_client_class = CheckedClient
        app.extensions["checker"] = checker
        apps.append(app)
        return app

    yield make
    for app in apps:
        app.extensions[NAME].database.close()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], APIFlask]) -> APIFlask:
    return make_app(settings)


@pytest.fixture
def services(app: APIFlask) -> Services:
    found: Services = app.extensions[NAME]
    return found


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def dataset_id(client: FlaskClient) -> str:
    """A small table of two classes."""
    rows = "".join(f"{number},{'red' if number % 2 else 'blue'},{number % 3}\n" for number in range(60))
    response = client.post("/v1/datasets", data=f"length,colour,kind\n{rows}", content_type="text/csv")
    identifier: str = response.json["id"]
    return identifier


@pytest.fixture
def train(services: Services) -> Callable[[str], None]:
    """A function that carries out a queued job here, as a worker would."""
    preparation = Preparation(services.datasets, services.models, services.blobs)
    execution = Execution(Attempts(services.database), preparation, services.settings, owner="the test")

    def carry_out(job_id: str) -> None:
        execution.execute(job_id)

    return carry_out


PLAN = {"epochs": 3, "seed": 1, "early_stopping": None}


@pytest.fixture
def trained(client: FlaskClient, train: Callable[[str], None], dataset_id: str) -> dict[str, Any]:
    """A job that has succeeded on the small table."""
    body = {"name": "colours", "dataset_id": dataset_id, "target": "colour", "training": PLAN}
    path = client.post("/v1/jobs", json=body).json["links"]["self"]
    train(path.rpartition("/")[2])
    job: dict[str, Any] = client.get(path).json
    assert job["status"] == "succeeded", job
    return job
