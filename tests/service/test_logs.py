import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask import Response
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from deltarule.store.settings import Settings


@pytest.fixture
def machine(settings: Settings, make_app: Callable[[Settings], APIFlask]) -> FlaskClient:
    """A client of a service that writes its lines for machines."""
    return make_app(settings.model_copy(update={"log_format": "json"})).test_client()


def level(client: FlaskClient, method: str, path: str, **more: Any) -> str:  # noqa: ANN401 -- as the client takes it
    with capture_logs() as lines:
        client.open(path, method=method, **more)
    (line,) = (line for line in lines if line["event"] == "request")
    return str(line["log_level"])


def test_a_request_is_one_line(machine: FlaskClient) -> None:
    with capture_logs() as lines:
        response = machine.get("/v1/jobs?limit=3")
    (line,) = lines
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/v1/jobs", 200)
    assert line["log_level"] == "info"
    assert line["milliseconds"] >= 0
    assert uuid.UUID(response.headers["X-Request-Id"])


def test_errors_are_logged_with_their_status(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/nothing")
    assert [line["status"] for line in lines] == [404]


def test_those_who_watch_are_not_heard_of(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/healthz")
        client.get("/readyz")
    assert {line["log_level"] for line in lines} == {"debug"}


@pytest.mark.parametrize("path", ["/v1/jobs", "/docs", "/", "/static/deltarule.css", "/openapi.json"])
def test_a_person_is_not_told_of_everything_that_is_looked_at(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("service.logs.SLOW_MILLISECONDS", 1e9)
    assert level(client, "GET", path) == "debug"


def test_a_person_is_told_of_changes_and_errors(client: FlaskClient, dataset_id: str) -> None:
    assert level(client, "POST", "/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"}) == "info"
    assert level(client, "DELETE", "/v1/datasets/nothing") == "info"
    assert level(client, "GET", "/v1/jobs/nothing") == "info"


def test_a_person_is_told_of_what_took_long_but_not_of_what_was_to_wait(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, dataset_id: str
) -> None:
    job = client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"}).json["links"]
    client.post(job["cancel"])
    monkeypatch.setattr("service.logs.SLOW_MILLISECONDS", -1)
    assert level(client, "GET", "/v1/jobs") == "info"
    assert level(client, "GET", f"{job['self']}?wait=1") == "debug"


@pytest.mark.parametrize(("trigger", "expected"), [("poll.n_intervals", "debug"), ("job-cancel.n_clicks", "info")])
def test_of_the_dashboard_s_callbacks_only_clicks_are_told(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch, trigger: str, expected: str
) -> None:
    monkeypatch.setattr("service.dashboard.application.run", lambda: Response("{}", mimetype="application/json"))
    monkeypatch.setattr("service.logs.SLOW_MILLISECONDS", 1e9)
    client = app.test_client()
    own = {"Origin": "http://localhost"}
    assert level(client, "POST", "/_dash-update-component", json={"changedPropIds": [trigger]}, headers=own) == expected


def test_an_id_that_is_given_is_kept(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "a-1_b.2"}).headers["X-Request-Id"] == "a-1_b.2"


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "<script>", "ü"])
def test_an_id_that_could_do_harm_is_not(client: FlaskClient, given: str) -> None:
    answered = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert uuid.UUID(answered)
