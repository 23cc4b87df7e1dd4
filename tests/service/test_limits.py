from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask

from deltarule.store.settings import Settings
from service.services import NAME
from tests.service.routes.test_jobs import INLINE

LIMITS = {"requests_per_minute": 3, "queued_jobs_per_owner": 1, "dataset_bytes_per_owner": 1024}


@pytest.fixture
def limited(sqlite_url: str, tmp_path: Path, make_app: Callable[[Settings], APIFlask]) -> Callable[[str], APIFlask]:
    """A function that makes an app with this one of the limits."""

    def make(name: str) -> APIFlask:
        return make_app(Settings(data=tmp_path / "data", database_url=sqlite_url, **{name: LIMITS[name]}))

    return make


def bearer(app: APIFlask, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.extensions[NAME].keys.add(name)[1]}"}


def test_a_key_that_asks_too_often_is_told_when_to_come_back(limited: Callable[[str], APIFlask]) -> None:
    app = limited("requests_per_minute")
    client, mine, others = app.test_client(), bearer(app, "mine"), bearer(app, "other")
    answers = [client.get("/v1/jobs", headers=mine) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "3 requests" in answers[-1].json["detail"]
    assert client.get("/v1/nothing", headers=mine).status_code == 429
    assert client.get("/v1/jobs", headers=others).status_code == 200
    assert client.get("/healthz").status_code == client.get("/docs").status_code == 200
    assert client.get("/").location.startswith("/sign-in")


def test_without_a_key_it_is_the_address_that_counts(limited: Callable[[str], APIFlask]) -> None:
    client = limited("requests_per_minute").test_client()
    one, other = {"REMOTE_ADDR": "127.0.0.1"}, {"REMOTE_ADDR": "127.0.0.2"}
    assert [client.get("/v1/jobs", environ_overrides=one).status_code for _ in range(4)][-1] == 429
    assert client.get("/v1/jobs", environ_overrides=other).status_code == 200


def test_two_processes_count_together(limited: Callable[[str], APIFlask]) -> None:
    apps = [limited("requests_per_minute") for _ in range(2)]
    mine = bearer(apps[0], "mine")
    answers = [app.test_client().get("/v1/jobs", headers=mine).status_code for _ in range(2) for app in apps]
    assert answers == [200, 200, 200, 429]


def test_too_many_queued_jobs_are_refused_and_the_same_request_is_still_answered(
    limited: Callable[[str], APIFlask],
) -> None:
    client = limited("queued_jobs_per_owner").test_client()
    once = {"Idempotency-Key": "once"}
    first = client.post("/v1/jobs", json=INLINE, headers=once)
    refused = client.post("/v1/jobs", json=INLINE)
    assert (first.status_code, refused.status_code) == (202, 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/v1/jobs", json=INLINE, headers=once).json == first.json
    assert len(client.get("/v1/jobs").json["items"]) == 1


def test_too_many_bytes_are_refused_and_leave_nothing(limited: Callable[[str], APIFlask], tmp_path: Path) -> None:
    client = limited("dataset_bytes_per_owner").test_client()
    body = "a,b\n" + "1,2\n" * 200
    assert client.post("/v1/datasets", data=body, content_type="text/csv").status_code == 201
    refused = client.post("/v1/datasets", data=body, content_type="text/csv")
    assert refused.status_code == 429
    assert "1024 bytes" in refused.json["detail"]
    assert len([path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]) == 1
