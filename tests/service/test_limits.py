from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from apiflask import APIFlask

from deltarule.store.settings import Settings
from service.bodies import LIMIT_BYTES
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


def test_bytes_that_say_their_number_are_refused_unread(limited: Callable[[str], APIFlask]) -> None:
    client = limited("dataset_bytes_per_owner").test_client()
    body = b"a,b\n" + b"1,2\n" * 300
    with BytesIO(body) as stream:
        # More than is read for the sake of the connection is told, so that nothing is.
        length, raw = str(2 * LIMIT_BYTES), {"input_stream": stream, "content_type": "text/csv"}
        refused = client.post("/v1/datasets", **raw, headers={"Content-Length": length})
        assert (refused.status_code, stream.tell()) == (429, 0)
        assert int(refused.headers["Retry-After"]) > 0


FORM = b'--here\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n%b\r\n--here--\r\n'


@pytest.mark.parametrize(("around", "media_type"), [(b"%b", "text/csv"), (FORM, "multipart/form-data; boundary=here")])
def test_bytes_without_a_number_are_refused_when_they_are_too_many(
    limited: Callable[[str], APIFlask], monkeypatch: pytest.MonkeyPatch, around: bytes, media_type: str
) -> None:
    written: list[bytes] = []
    monkeypatch.setattr("deltarule.store.blobs.LocalUpload.write", lambda _, piece: written.append(piece))
    refused = (
        limited("dataset_bytes_per_owner")
        .test_client()
        .post(
            "/v1/datasets",
            input_stream=BytesIO(around % (b"a,b\n" + b"1,2\n" * 300)),
            content_type=media_type,
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
    )
    assert refused.status_code == 429, refused.text
    assert len(b"".join(written)) <= 1024


def test_a_table_that_fills_the_allowance_is_answered_again(limited: Callable[[str], APIFlask]) -> None:
    client = limited("dataset_bytes_per_owner").test_client()
    body, once = b"a,b\n" + b"1,2\n" * 255, {"Idempotency-Key": "once"}
    first, again = (client.post("/v1/datasets", data=body, content_type="text/csv", headers=once) for _ in range(2))
    assert (first.status_code, first.json["bytes"]) == (201, 1024)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_a_form_may_be_as_large_as_its_file_and_what_is_around_it(limited: Callable[[str], APIFlask]) -> None:
    client = limited("dataset_bytes_per_owner").test_client()
    file = (BytesIO(b"a,b\n" + b"1,2\n" * 255), "table.csv")
    assert client.post("/v1/datasets", data={"file": file}).status_code == 201
