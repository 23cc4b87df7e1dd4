import uuid

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs


def test_a_request_is_one_line(client: FlaskClient) -> None:
    with capture_logs() as lines:
        response = client.get("/v1/jobs?limit=3")
    (line,) = lines
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/v1/jobs", 200)
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


def test_an_id_that_is_given_is_kept(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "a-1_b.2"}).headers["X-Request-Id"] == "a-1_b.2"


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "<script>", "ü"])
def test_an_id_that_could_do_harm_is_not(client: FlaskClient, given: str) -> None:
    answered = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert uuid.UUID(answered)
