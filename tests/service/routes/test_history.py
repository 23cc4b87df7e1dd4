import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.service.routes.test_jobs import INLINE


@pytest.fixture
def long(client: FlaskClient, train: Callable[[str], None]) -> dict[str, Any]:
    """A job of sixty epochs."""
    job = client.post("/v1/jobs", json={**INLINE, "training": {**INLINE["training"], "epochs": 60}}).json
    train(job["id"])
    return job


def test_history_comes_in_columns(client: FlaskClient, trained: dict[str, Any]) -> None:
    history = client.get(trained["links"]["history"]).json
    assert history["epoch"] == [1, 2, 3]
    assert (history.pop("every"), history.pop("epochs_done")) == (1, 3)
    assert {len(column) for column in history.values()} == {3}
    assert history["training_loss"][-1] == pytest.approx(trained["metrics"]["training_loss"])
    layers = len(trained["spec"]["network"]["layers"])
    assert {len(norms) for norms in history["gradient_norm"]} == {layers}


def test_history_comes_as_csv_for_those_who_prefer_it(client: FlaskClient, trained: dict[str, Any]) -> None:
    columns = client.get(trained["links"]["history"]).json
    response = client.get(trained["links"]["history"], headers={"Accept": "text/csv, application/json;q=0.5"})
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [int(row["epoch"]) for row in rows] == columns["epoch"]
    assert [float(row["training_loss"]) for row in rows] == columns["training_loss"]
    assert [float(row["gradient_norm_0"]) for row in rows] == [norms[0] for norms in columns["gradient_norm"]]


def test_only_the_epochs_after_one_may_be_asked_for(client: FlaskClient, trained: dict[str, Any]) -> None:
    path = trained["links"]["history"]
    assert client.get(f"{path}?since_epoch=2").json["epoch"] == [3]
    assert client.get(f"{path}?since_epoch=99").json["epoch"] == []
    empty = client.get(f"{path}?since_epoch=99", headers={"Accept": "text/csv"}).text
    assert empty.startswith("epoch,training_loss")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("since_epoch=-1", "since_epoch"),
        ("since_epoch=99999999999", "since_epoch"),
        ("points=9", "points"),
        ("points=100001", "points"),
        ("points=", "points"),
    ],
)
def test_a_wrong_query_is_refused(client: FlaskClient, trained: dict[str, Any], query: str, place: str) -> None:
    response = client.get(f"{trained['links']['history']}?{query}")
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == f"/query/{place}"


def test_a_long_history_comes_in_fewer_points(client: FlaskClient, long: dict[str, Any]) -> None:
    path = long["links"]["history"]
    whole, fewer = client.get(path).json, client.get(f"{path}?points=10").json
    assert len(whole["epoch"]) == 60
    assert len(fewer["epoch"]) <= 10
    assert (fewer["epoch"][0], fewer["epoch"][-1]) == (1, 60)
    assert max(fewer["training_loss"]) == max(whole["training_loss"])
    table = client.get(f"{path}?points=10", headers={"Accept": "text/csv"}).text
    assert [int(row["epoch"]) for row in csv.DictReader(io.StringIO(table))] == fewer["epoch"]
    late = client.get(f"{path}?points=10&since_epoch=30").json
    assert late["epoch"][0] == 31


@pytest.mark.parametrize(("media_type", "begins"), [("image/png", b"\x89PNG"), ("image/svg+xml", b"<?xml")])
def test_history_comes_as_a_chart(client: FlaskClient, trained: dict[str, Any], media_type: str, begins: bytes) -> None:
    response = client.get(trained["links"]["history"], headers={"Accept": media_type})
    assert response.mimetype == media_type
    assert response.data.startswith(begins)
    assert "script-src" not in response.headers["Content-Security-Policy"]
    if media_type == "image/svg+xml":
        assert "colours" in response.text
        assert "style-src 'unsafe-inline'" in response.headers["Content-Security-Policy"]


def test_a_job_without_epochs_has_a_chart_too(client: FlaskClient) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    response = client.get(job["links"]["history"], headers={"Accept": "image/svg+xml"})
    assert "No epoch has been completed yet" in response.text
    assert "ETag" not in response.headers


def test_other_forms_there_are_none(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.get(trained["links"]["history"], headers={"Accept": "image/gif, application/pdf"})
    assert response.status_code == 406
    assert "image/svg+xml" in response.json["detail"]


@pytest.mark.parametrize("form", ["application/json", "text/csv", "image/png"])
def test_the_history_of_an_ended_job_is_sent_once(client: FlaskClient, trained: dict[str, Any], form: str) -> None:
    path, headers = trained["links"]["history"], {"Accept": form}
    first = client.get(path, headers=headers)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(path, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = client.get(f"{path}?since_epoch=1", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert client.get(path, headers={**headers, "If-None-Match": '"other"'}).data == first.data


def test_forms_and_owners_are_not_mixed_up(client: FlaskClient, trained: dict[str, Any]) -> None:
    path = trained["links"]["history"]
    answers = [client.get(path, headers={"Accept": form}) for form in ("application/json", "text/csv", "image/png")]
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    for answer in answers:
        assert {"Accept", "Authorization"} <= set(answer.headers.getlist("Vary"))
    nothing = client.get("/v1/jobs/01900000-0000-7000-8000-00000000000a/history", headers={"If-None-Match": "*"})
    assert nothing.status_code == 404
