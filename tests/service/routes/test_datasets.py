import hashlib
import io
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.store.errors import Unavailable
from deltarule.store.settings import Settings
from service.services import Services

CSV = b"length,colour\n1.5,red\n2.5,blue\n,red\n"


def blobs(settings: Settings) -> list[Path]:
    assert settings.data
    return [path for path in (settings.data / "blobs").rglob("*") if path.is_file()]


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


BODIES = {
    "text/csv": CSV,
    "application/json": json.dumps({"inputs": [[1, 2], [3, 4]], "targets": [0, 1]}).encode(),
    "application/x-npz": npz(inputs=np.eye(3), targets=np.arange(3)),
    "application/x-ndjson": b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n',
}


def upload(client: FlaskClient, body: bytes = CSV, media_type: str = "text/csv", **headers: str) -> TestResponse:
    return client.post("/v1/datasets", data=body, content_type=media_type, headers=headers)


def test_an_upload_is_described(client: FlaskClient) -> None:
    response = client.post("/v1/datasets?name=things", data=CSV, content_type="text/csv; charset=utf-8")
    assert response.status_code == 201
    answer = response.json
    assert response.headers["Location"] == f"/v1/datasets/{answer['id']}" == answer["links"]["self"]
    assert answer["name"] == "things"
    assert answer["format"] == "csv"
    assert answer["rows"] == 3
    assert answer["bytes"] == len(CSV)
    assert answer["sha256"] == hashlib.sha256(CSV).hexdigest()
    length, colour = answer["columns"]
    assert (length["name"], length["type"], length["missing"], length["mean"]) == ("length", "numeric", 1, 2.0)
    assert (colour["type"], colour["categories"]) == ("categorical", ["blue", "red"])
    assert client.get(response.headers["Location"]).json == answer


@pytest.mark.parametrize("media_type", BODIES)
def test_every_format_goes_in_and_comes_out_unchanged(client: FlaskClient, media_type: str) -> None:
    created = upload(client, BODIES[media_type], media_type)
    assert created.status_code == 201
    content = client.get(created.json["links"]["content"])
    assert content.data == BODIES[media_type]
    assert content.mimetype == media_type
    assert "attachment" in content.headers["Content-Disposition"]


def content(client: FlaskClient, **headers: str) -> TestResponse:
    """The answer to a download with these headers."""
    path = upload(client).json["links"]["content"]
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


TAG = f'"{hashlib.sha256(CSV).hexdigest()}"'


def test_content_is_named_by_its_digest_and_says_that_it_comes_in_parts(client: FlaskClient) -> None:
    whole = content(client)
    assert whole.status_code == 200
    assert whole.headers["ETag"] == TAG
    assert whole.headers["Content-Length"] == str(len(CSV))
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert {"private", "no-cache"} <= set(whole.headers["Cache-Control"].split(", "))


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-5", 0, 6),
        ("bytes=3-", 3, len(CSV)),
        ("bytes=-4", len(CSV) - 4, len(CSV)),
        ("bytes=-9999", 0, len(CSV)),
        (f"bytes={len(CSV) - 1}-99999", len(CSV) - 1, len(CSV)),
    ],
)
@pytest.mark.parametrize("condition", [{}, {"If_Range": TAG}])
def test_a_part_of_the_content(
    client: FlaskClient, wanted: str, start: int, end: int, condition: dict[str, str]
) -> None:
    part = content(client, Range=wanted, **condition)
    assert (part.status_code, part.data) == (206, CSV[start:end])
    assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(CSV)}"
    assert part.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("wanted", ["lines=0-5", "bytes=0-1,3-4", "bytes=5-2", "bytes=", "bytes=a-b", "nonsense", ""])
def test_a_range_that_is_not_understood_is_ignored(client: FlaskClient, wanted: str) -> None:
    whole = content(client, Range=wanted)
    assert (whole.status_code, whole.data) == (200, CSV)


@pytest.mark.parametrize("condition", ['"other"', "Sat, 29 Oct 1994 19:43:31 GMT"])
def test_a_part_of_what_has_changed_is_the_whole(client: FlaskClient, condition: str) -> None:
    whole = content(client, Range="bytes=0-5", If_Range=condition)
    assert (whole.status_code, whole.data) == (200, CSV)


def test_a_part_after_the_end_is_refused_with_the_size(client: FlaskClient) -> None:
    refused = content(client, Range=f"bytes={len(CSV)}-")
    assert refused.status_code == 416
    assert refused.headers["Content-Range"] == f"bytes */{len(CSV)}"


def test_content_that_is_there_already_is_not_sent_again(client: FlaskClient) -> None:
    for tags in (TAG, f'"other", {TAG}', "*"):
        known = content(client, If_None_Match=tags)
        assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", TAG)
    assert content(client, If_None_Match='"other"').status_code == 200


def test_content_is_only_sent_where_it_is_what_was_meant(client: FlaskClient) -> None:
    assert content(client, If_Match=TAG).status_code == 200
    refused = content(client, If_Match='"other"')
    assert refused.status_code == 412
    assert TAG in refused.json["detail"]


def test_the_size_of_the_content_can_be_asked_for(client: FlaskClient) -> None:
    path = upload(client).json["links"]["content"]
    answer = client.head(path, headers={"Range": "bytes=0-5"})
    assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", str(len(CSV)))


def test_a_form_carries_a_file(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(CSV), "my table.csv", "application/octet-stream")}
    response = client.post("/v1/datasets", data=form, content_type="multipart/form-data")
    assert response.status_code == 201
    assert response.json["name"] == "my table"
    assert client.get(response.json["links"]["content"]).data == CSV


def test_the_part_says_what_it_is_before_its_name_does(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(BODIES["application/json"]), "table.csv", "application/json")}
    response = client.post("/v1/datasets", data=form, content_type="multipart/form-data")
    assert response.json["format"] == "json"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 400),
        ({"file": "no file"}, 400),
        ({"table": (io.BytesIO(CSV), "a.csv")}, 400),
        ({"file": (io.BytesIO(CSV), "a.csv"), "name": "extra"}, 400),
        ({"file": (io.BytesIO(CSV), "a.csv"), "other": (io.BytesIO(CSV), "b.csv")}, 400),
        ({"file": (io.BytesIO(b""), "a.csv")}, 400),
        ({"file": (io.BytesIO(CSV), "a.exe")}, 415),
        ({"file": (io.BytesIO(CSV), "a.csv", "image/png")}, 415),
        ({"file": (io.BytesIO(b"a,b\n1\n"), "a.csv")}, 422),
    ],
)
def test_a_form_that_is_not_understood_leaves_nothing(
    client: FlaskClient, settings: Settings, form: dict[str, object], status: int
) -> None:
    copies = {
        name: (io.BytesIO(part[0].getvalue()), *part[1:]) if isinstance(part, tuple) else part
        for name, part in form.items()
    }
    response = client.post("/v1/datasets", data=copies, content_type="multipart/form-data; boundary=b")
    assert response.status_code == status
    assert blobs(settings) == []


def test_a_form_without_a_boundary_is_malformed(client: FlaskClient) -> None:
    response = client.post("/v1/datasets", data=b"--x\r\n", headers={"Content-Type": "multipart/form-data"})
    assert response.status_code == 400


def test_a_form_that_is_cut_off_is_malformed_and_leaves_nothing(client: FlaskClient, settings: Settings) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2\n'
    response = client.post("/v1/datasets", data=head, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert response.status_code == 400
    assert blobs(settings) == []


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b"a,b\n1,2\n3\n", "text/csv", "Row 2"),
        (b"a,a\n1,2\n", "text/csv", "a"),
        (b'a,b\n"1,2\n', "text/csv", "quote"),
        (b"\x00\x01", "text/csv", "NUL"),
        (b"a\n", "text/csv", "no rows"),
        (b'{"inputs": [[1], [1, 2]], "targets": [1, 2]}', "application/json", ""),
        (b"PK\x03\x04 nothing", "application/x-npz", ""),
        (npz(inputs=np.eye(2)), "application/x-npz", "targets"),
        (npz(inputs=np.array([[object()]], dtype=object), targets=np.arange(1)), "application/x-npz", ""),
        (b"PAR1", "application/vnd.apache.parquet", ""),
    ],
)
def test_a_broken_file_is_refused_and_leaves_nothing(
    client: FlaskClient, settings: Settings, body: bytes, media_type: str, words: str
) -> None:
    response = upload(client, body, media_type)
    assert response.status_code == 422
    assert words in response.json["detail"]
    assert response.json["errors"]
    assert blobs(settings) == []
    assert client.get("/v1/datasets").json == {"items": [], "next": None}


def test_what_is_no_json_is_malformed_and_leaves_nothing(client: FlaskClient, settings: Settings) -> None:
    response = upload(client, b'{"inputs": [[1]], "targets":', "application/json")
    assert response.status_code == 400
    assert "is not JSON" in response.json["detail"]
    assert blobs(settings) == []


@pytest.mark.parametrize("media_type", ["", "application/pdf", "text/plain", "application/x-www-form-urlencoded"])
def test_another_media_type_is_refused_with_those_that_are_taken(client: FlaskClient, media_type: str) -> None:
    response = upload(client, CSV, media_type)
    assert response.status_code == 415
    assert "text/csv" in response.json["detail"]
    assert "multipart/form-data" in response.json["detail"]


def test_an_empty_body_is_refused(client: FlaskClient, settings: Settings) -> None:
    assert upload(client, b"").status_code == 411
    empty = {"CONTENT_LENGTH": "0"}
    assert client.post("/v1/datasets", content_type="text/csv", environ_overrides=empty).status_code == 400
    assert blobs(settings) == []


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: FlaskClient, settings: Settings) -> None:
    response = upload(client, b"a\n" + b"1\n" * settings.dataset_limit_bytes)
    assert response.status_code == 413
    assert str(settings.dataset_limit_bytes) in response.json["detail"]
    assert blobs(settings) == []


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=sqlite_url, dataset_limit_bytes=10_000)


def test_pages_go_from_the_newest_to_the_oldest(client: FlaskClient) -> None:
    made = [upload(client).json["id"] for _ in range(5)]
    seen, path = [], "/v1/datasets?limit=2"
    while path:
        page = client.get(path).json
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        path = page["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=x", "/query/limit"),
        ("cursor=nonsense", "/query/cursor"),
        ("offset=3", "/query/offset"),
    ],
)
def test_a_wrong_page_is_refused(client: FlaskClient, query: str, place: str) -> None:
    response = client.get(f"/v1/datasets?{query}")
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json["errors"]] == [place]


def test_the_first_rows_can_be_looked_at(client: FlaskClient) -> None:
    path = upload(client).json["links"]["preview"]
    assert client.get(path).json == {
        "columns": ["length", "colour"],
        "rows": [
            {"length": 1.5, "colour": "red"},
            {"length": 2.5, "colour": "blue"},
            {"length": None, "colour": "red"},
        ],
    }
    assert len(client.get(f"{path}?limit=1").json["rows"]) == 1
    assert client.get(f"{path}?limit=1001").status_code == 422


@pytest.mark.parametrize("media_type", BODIES)
def test_every_format_can_be_looked_into(client: FlaskClient, media_type: str) -> None:
    created = upload(client, BODIES[media_type], media_type).json
    preview = client.get(created["links"]["preview"]).json
    assert preview["columns"] == [column["name"] for column in created["columns"]]
    assert len(preview["rows"]) == created["rows"]


def test_what_is_removed_is_gone(client: FlaskClient, settings: Settings) -> None:
    path = upload(client).json["links"]["self"]
    removed = client.delete(path)
    assert (removed.status_code, removed.data, removed.mimetype) == (204, b"", None)
    assert client.get(path).status_code == client.delete(path).status_code == 404
    assert blobs(settings) == []


def test_a_dataset_that_a_job_needs_stays(client: FlaskClient, dataset_id: str) -> None:
    job = client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"}).json
    assert client.delete(f"/v1/datasets/{dataset_id}").status_code == 409
    client.post(job["links"]["cancel"])
    assert client.delete(f"/v1/datasets/{dataset_id}").status_code == 204


@pytest.mark.parametrize("identifier", ["nothing", "a" * 500, "%00", "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e"])
@pytest.mark.parametrize("path", ["/v1/datasets/{}", "/v1/datasets/{}/content", "/v1/datasets/{}/preview"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str, identifier: str) -> None:
    assert client.get(path.format(identifier)).status_code == 404


def test_the_same_key_makes_one_dataset(client: FlaskClient, settings: Settings) -> None:
    first = upload(client, **{"Idempotency-Key": "once"})
    again = upload(client, **{"Idempotency-Key": "once"})
    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(client.get("/v1/datasets").json["items"]) == len(blobs(settings)) == 1


@pytest.mark.parametrize(("body", "path"), [(CSV + b"4,red\n", "/v1/datasets"), (CSV, "/v1/datasets?name=other")])
def test_the_same_key_with_something_else_is_refused(
    client: FlaskClient, settings: Settings, body: bytes, path: str
) -> None:
    upload(client, **{"Idempotency-Key": "once"})
    response = client.post(path, data=body, content_type="text/csv", headers={"Idempotency-Key": "once"})
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert len(blobs(settings)) == 1


def test_a_refused_upload_uses_no_key_up(client: FlaskClient) -> None:
    assert upload(client, b"a,b\n1\n", **{"Idempotency-Key": "once"}).status_code == 422
    assert upload(client, **{"Idempotency-Key": "once"}).status_code == 201


def test_many_uploads_at_once_under_one_key_make_one_dataset(client: FlaskClient, settings: Settings) -> None:
    answers: list[TestResponse] = []

    def send() -> None:
        answers.append(upload(client.application.test_client(), **{"Idempotency-Key": "once"}))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert len(blobs(settings)) == 1


def test_nothing_is_kept_when_the_database_is_away(
    client: FlaskClient, services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer; try again in a moment.")

    monkeypatch.setattr(type(services.datasets), "add", away)
    response = upload(client)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert blobs(settings) == []
