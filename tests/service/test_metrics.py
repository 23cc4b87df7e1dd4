import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from deltarule.store.errors import Unavailable
from deltarule.store.figures import Figures, figures
from deltarule.store.settings import Settings
from service import serving
from service.metrics import JobCollector
from service.services import Services
from tests.service.routes.test_jobs import INLINE

PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The value of every series."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text)[name, frozenset(labels.items())]


def asked(client: FlaskClient) -> str:
    return client.get("/metrics", headers={"Accept": PROMETHEUS}).text


def test_prometheus_is_served(client: FlaskClient) -> None:
    response = client.get("/metrics", headers={"Accept": PROMETHEUS})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = [family.name for family in text_string_to_metric_families(response.text)]
    assert len(families) == len(set(families)) > 8
    assert all(name.startswith("deltarule_") for name in families)


def test_requests_are_counted_by_route_and_not_by_path(client: FlaskClient, trained: dict[str, Any]) -> None:
    for identifier in (trained["id"], "nothing", "01900000-0000-7000-8000-00000000000a"):
        client.get(f"/v1/jobs/{identifier}/history")
    route = {"method": "GET", "route": "/v1/jobs/{job_id}/history"}
    text = asked(client)
    assert value(text, "deltarule_http_requests_total", **route, status="200") == 1
    assert value(text, "deltarule_http_requests_total", **route, status="404") == 2
    assert value(text, "deltarule_http_request_duration_seconds_count", **route) == 3
    assert value(text, "deltarule_http_request_duration_seconds_bucket", **route, le="+Inf") == 3
    assert trained["id"] not in text


def test_no_client_makes_as_many_series_as_it_likes(client: FlaskClient) -> None:
    client.get("/warm")
    before = len(samples(asked(client)))
    for number in range(20):
        client.get(f"/nothing/{number}?{number}")
        client.open("/v1/jobs", method=f"NONSENSE{number}")
    client.get("/nothing")
    after = samples(asked(client))
    labels = {dict(labels)["method"] for name, labels in after if name == "deltarule_http_requests_total"}
    assert labels <= {"GET", "other"}
    # At most: the strange method's route and its statuses, and the metrics themselves.
    assert len(after) - before < 5 * 16


def test_jobs_are_counted_as_they_stand(client: FlaskClient, trained: dict[str, Any]) -> None:
    assert trained["status"] == "succeeded"
    client.post("/v1/jobs", json=INLINE)
    text = asked(client)
    assert value(text, "deltarule_jobs", status="succeeded") == 1
    assert value(text, "deltarule_jobs", status="running") == 0
    assert value(text, "deltarule_queue_depth") == 1
    assert value(text, "deltarule_queue_oldest_age_seconds") >= 0
    assert value(text, "deltarule_job_duration_seconds_count", status="succeeded") == 1
    assert value(text, "deltarule_job_duration_seconds_bucket", status="succeeded", le="+Inf") == 1
    assert value(text, "deltarule_job_duration_seconds_sum", status="succeeded") > 0
    for name in ("lease_takeovers", "leases_given_back", "jobs_out_of_time"):
        assert value(text, f"deltarule_{name}_total") == 0
    for outcome in ("requeued", "failed", "cancelled"):
        assert value(text, "deltarule_lost_workers_total", outcome=outcome) == 0
    for name in ("samples", "epochs"):
        assert value(text, f"deltarule_training_{name}_per_second") == 0


def test_those_who_ask_at_once_share_one_look(services: Services) -> None:
    looks: list[Figures] = []

    def look() -> Figures:
        looks.append(figures(services.database))
        return looks[-1]

    collector = JobCollector(look)
    assert list(collector.collect()) == list(collector.collect())
    assert len(looks) == 1


def test_without_a_database_there_are_none(make_app: Callable[[Settings], APIFlask], settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/nothing"})
    response = make_app(away).test_client().get("/metrics")
    assert response.status_code == 503


def test_other_forms_there_are_none(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Accept": "application/json"}).status_code == 406


def test_it_is_for_this_machine_until_there_is_a_key_and_then_for_keys(client: FlaskClient, services: Services) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 401
    assert client.get("/metrics").status_code == 200
    _, secret = services.keys.add("prometheus")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_processes_count_together_in_a_folder_of_their_start(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv(serving.SHARED_FOLDER, "/nowhere")
    for name, given in settings.environment().items():
        monkeypatch.setenv(name, given)
    assert serving.application().name == "service.app"
    folder = Path(os.environ[serving.SHARED_FOLDER])
    assert folder != Path("/nowhere")
    assert not list(folder.iterdir())
    serving.clear()
    assert not folder.exists()
    serving.clear()


def test_unavailable_is_what_a_look_may_raise() -> None:
    def look() -> Figures:
        raise Unavailable

    with pytest.raises(Unavailable):
        list(JobCollector(look).collect())
