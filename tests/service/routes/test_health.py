from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from deltarule.store.settings import Settings


def test_it_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").json == {"status": "ready"}


def test_without_its_tables_it_is_alive_but_not_ready(
    make_app: Callable[[Settings], APIFlask], settings: Settings, tmp_path: Path
) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.sqlite3"})
    client = make_app(empty).test_client()
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "deltarule migrate" in response.json["detail"]
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("database_url", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"), ("broker_url", "redis://127.0.0.1:1/0")],
)
def test_without_its_servers_it_is_alive_but_not_ready(
    make_app: Callable[[Settings], APIFlask], settings: Settings, name: str, value: str
) -> None:
    client = make_app(settings.model_copy(update={name: value})).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_with_real_servers_it_is_ready(
    make_app: Callable[[Settings], APIFlask], settings: Settings, postgres_database_url: str, redis_url: str
) -> None:
    servers = settings.model_copy(update={"database_url": postgres_database_url, "broker_url": redis_url})
    assert make_app(servers).test_client().get("/readyz").status_code == 200


def test_where_nothing_can_be_written_it_is_not_ready(
    make_app: Callable[[Settings], APIFlask], settings: Settings
) -> None:
    assert settings.data
    client = make_app(settings).test_client()
    for folder in sorted((settings.data / "blobs").rglob("*"), reverse=True):
        folder.rmdir()
    assert client.get("/readyz").status_code == 503
