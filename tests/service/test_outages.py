"""What the service says while something it needs is away: nobody waits for long, and nothing is half made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings
from tests import servers
from tests.freezing import frozen

JOB = {"data": {"inputs": [[1.0], [2.0], [3.0], [4.0]], "targets": [1.0, 2.0, 3.0, 4.0]}}


@pytest.fixture
def server() -> Iterator[servers.Server]:
    with servers.postgresql() as started:
        upgrade(started.url)
        yield started


@pytest.mark.parametrize("how", ["frozen", "stopped"])
def test_a_submission_while_the_database_is_away_is_told_when_to_come_back(
    tmp_path: Path, make_app: Callable[[Settings], APIFlask], server: servers.Server, how: str
) -> None:
    settings = Settings(
        database_url=server.url,
        broker_url=f"filesystem://{tmp_path / 'broker'}",
        storage_url=f"file://{tmp_path / 'blobs'}",
    )
    client = make_app(settings).test_client()
    assert client.post("/v1/jobs", json=JOB).status_code == 202
    if how == "frozen":
        with frozen(server):
            answer = client.post("/v1/jobs", json=JOB)
    else:
        server.stop()
        answer = client.post("/v1/jobs", json=JOB)
        server.start()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert client.post("/v1/jobs", json=JOB).status_code == 202
    assert len(client.get("/v1/jobs").json["items"]) == 2
    blobs = [path for path in (tmp_path / "blobs").iterdir() if path.is_file()]
    assert len(blobs) <= 2, "the data of the refused job is gone"
