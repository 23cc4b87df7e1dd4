from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.services import Services
from tests.service.following import events_of
from tests.service.routes.test_jobs import INLINE


@pytest.fixture(autouse=True)
def _soon(services: Services) -> None:
    services.streams.longest_seconds = 0.01


def test_an_ended_job_is_told_whole(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.get(trained["links"]["events"], headers={"Accept": "text/event-stream"})
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.text.startswith("retry: 2000\n\n")
    events = events_of(response.text)
    assert [event.name for event in events] == ["status", "status", "epoch", "epoch", "epoch", "status", "end"]
    history = client.get(trained["links"]["history"]).json
    assert [event.data["training_loss"] for event in events if event.name == "epoch"] == history["training_loss"]
    assert [event.data for event in events if event.name == "status"] == trained["transitions"]
    assert events[-1].data == {name: value for name, value in trained.items() if name != "transitions"}


def test_it_goes_on_after_the_last_event(client: FlaskClient, trained: dict[str, Any]) -> None:
    whole = events_of(client.get(trained["links"]["events"]).text)
    for number, event in enumerate(whole[:-1]):
        rest = client.get(trained["links"]["events"], headers={"Last-Event-ID": event.id})
        assert events_of(rest.text) == whole[number + 1 :]


def test_after_the_end_nothing_follows(client: FlaskClient, trained: dict[str, Any]) -> None:
    end = events_of(client.get(trained["links"]["events"]).text)[-1]
    assert client.get(trained["links"]["events"], headers={"Last-Event-ID": end.id}).status_code == 204


def test_a_waiting_job_is_told_as_far_as_it_is(client: FlaskClient) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    (queued,) = events_of(client.get(job["links"]["events"]).text)
    assert queued.data["to"] == "queued"
    client.post(job["links"]["cancel"])
    cancelled, end = events_of(client.get(job["links"]["events"], headers={"Last-Event-ID": queued.id}).text)
    assert cancelled.data["to"] == end.data["status"] == "cancelled"


def test_every_epoch_comes_once_over_any_number_of_streams(
    client: FlaskClient, train: Callable[[str], None], services: Services
) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    last = events_of(client.get(job["links"]["events"]).text)[-1].id
    train(job["id"])
    assert services.jobs.get(None, job["id"]).status == "succeeded"
    rest = events_of(client.get(job["links"]["events"], headers={"Last-Event-ID": last}).text)
    assert [event.data["epoch"] for event in rest if event.name == "epoch"] == [1, 2, 3, 4, 5]


def test_a_wrong_id_is_refused(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.get(trained["links"]["events"], headers={"Last-Event-ID": "yesterday"})
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "/header/Last-Event-ID"


def test_it_comes_as_events_only(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.get(trained["links"]["events"], headers={"Accept": "application/json"})
    assert response.status_code == 406
    assert "text/event-stream" in response.json["detail"]


def test_there_are_none_of_no_job(client: FlaskClient) -> None:
    for identifier in ("nothing", "01900000-0000-7000-8000-00000000000a"):
        assert client.get(f"/v1/jobs/{identifier}/events").status_code == 404


def test_too_many_streams_are_refused_until_one_ends(
    client: FlaskClient, trained: dict[str, Any], services: Services
) -> None:
    services.streams.most = 0
    response = client.get(trained["links"]["events"])
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    services.streams.most = 1
    for _ in range(2):
        assert client.get(trained["links"]["events"]).status_code == 200
        assert client.head(trained["links"]["events"]).status_code == 200
