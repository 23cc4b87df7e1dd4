import threading
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.store.errors import Unavailable
from deltarule.store.settings import Settings
from deltarule.store.states import Status
from service.services import Services

INLINE = {
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "network": {"layers": [{"units": 4, "activation": "tanh"}, {"activation": "sigmoid"}]},
    "loss": {"name": "log_loss"},
    "training": {"epochs": 5, "batch_size": "full", "validation_fraction": 0},
}


def pointers(response: TestResponse) -> set[str]:
    assert response.status_code == 422, response.get_data(as_text=True)
    return {fault["pointer"] for fault in response.json["errors"]}


def blobs(services: Services) -> list[str]:
    return list(services.blobs.keys(older_than_seconds=-60))


def test_a_job_is_accepted_with_every_default(client: FlaskClient, dataset_id: str) -> None:
    response = client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"})
    job = response.json
    assert response.status_code == 202
    assert response.headers["Location"] == job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert job["status"] == "queued"
    assert job["spec"]["task"] == "classification"
    assert job["spec"]["network"]["layers"][-1]["activation"] in ("softmax", "sigmoid")
    assert job["links"]["cancel"] == f"/v1/jobs/{job['id']}/cancel"
    assert job["links"]["model"] is None
    assert job["links"]["events"] == f"/v1/jobs/{job['id']}/events"
    assert job["model_id"] is job["engine"] is job["error"] is None
    assert job["progress"] == {
        "epoch": 0,
        "epochs": job["spec"]["training"]["epochs"],
        "fraction": 0.0,
        "samples_per_second": None,
        "eta_seconds": None,
    }


def test_a_resolved_spec_may_be_posted_again(client: FlaskClient, dataset_id: str) -> None:
    first = client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"}).json
    again = client.post("/v1/jobs", json=first["spec"]).json
    assert again["spec"] == first["spec"]


def test_inline_data_becomes_a_dataset(client: FlaskClient) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    assert job["spec"]["data"] is None
    dataset = client.get(job["links"]["dataset"]).json
    assert dataset["id"] == job["spec"]["dataset_id"]
    assert (dataset["format"], dataset["rows"]) == ("json", 4)
    assert client.get(dataset["links"]["content"]).json == INLINE["data"]


@pytest.mark.usefixtures("client")
def test_a_job_goes_its_way(client: FlaskClient, trained: dict[str, Any]) -> None:
    assert trained["stop_reason"] == "epochs_done"
    assert trained["progress"]["epoch"] == trained["progress"]["epochs"] == 3
    assert trained["progress"]["fraction"] == 1
    assert trained["metrics"]["training_loss"] > 0
    moves = [(move["from"], move["to"]) for move in trained["transitions"]]
    assert moves == [(None, "queued"), ("queued", "running"), ("running", "succeeded")]
    assert all(move["when"] and move["why"] for move in trained["transitions"])
    assert client.get(trained["links"]["model"]).json["id"] == trained["model_id"]
    assert trained["links"]["cancel"] is None


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"target": None}, "/target"),
    ({"target": "none of them"}, "/target"),
    ({"target": ["colour", "nothing"]}, "/target/1"),
    ({"features": ["length", "nothing"]}, "/features/1"),
    ({"features": ["colour"]}, "/features/0"),
    ({"features": []}, "/features"),
    ({"task": "regression"}, "/target"),
    ({"task": "guessing"}, "/task"),
    ({"epochs": 5}, "/epochs"),
    ({"name": "x" * 201}, "/name"),
    ({"name": 5}, "/name"),
    ({"network": {"layers": []}}, "/network/layers"),
    ({"network": {"layers": [{"units": 3, "activation": "relo"}, {}]}}, "/network/layers/0/activation"),
    ({"network": {"layers": [{"activation": "relu"}, {}]}}, "/network/layers/0/units"),
    ({"network": {"layers": [{"units": 70_000}, {}]}}, "/network/layers/0/units"),
    ({"network": {"layers": [{"units": 3, "dropout": 1}, {}]}}, "/network/layers/0/dropout"),
    ({"network": {"layers": [{"units": 5}]}}, "/network/layers/0/units"),
    ({"network": {"dtype": "float16"}}, "/network/dtype"),
    ({"network": {"model_id": "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e"}}, "/network/model_id"),
    ({"loss": {"name": "magic"}}, "/loss/name"),
    ({"loss": "log_loss"}, "/loss"),
    ({"loss": {}}, "/loss/name"),
    ({"optimizer": {"name": "magic"}}, "/optimizer/name"),
    ({"optimizer": {"name": "sgd", "beta1": 0.9}}, "/optimizer/beta1"),
    ({"optimizer": {"name": "adam", "learning_rate": 0}}, "/optimizer/learning_rate"),
    ({"optimizer": {"name": "adam", "learning_rate": "fast"}}, "/optimizer/learning_rate"),
    ({"schedule": {"name": "cosine", "minimum": -1}}, "/schedule/minimum"),
    ({"schedule": {"name": "linear"}}, "/schedule/name"),
    ({"regularization": {"l2": -0.1}}, "/regularization/l2"),
    ({"regularization": {"max_gradient_norm": 0}}, "/regularization/max_gradient_norm"),
    ({"preprocessing": {"missing": "guess"}}, "/preprocessing/missing"),
    ({"training": {"epochs": 0}}, "/training/epochs"),
    ({"training": {"epochs": 1.5}}, "/training/epochs"),
    ({"training": {"epochs": True}}, "/training/epochs"),
    ({"training": {"batch_size": 0}}, "/training/batch_size"),
    ({"training": {"batch_size": "half"}}, "/training/batch_size"),
    ({"training": {"seed": -1}}, "/training/seed"),
    ({"training": {"validation_fraction": 1}}, "/training/validation_fraction"),
    ({"training": {"validation_dataset_id": "nothing"}}, "/training/validation_dataset_id"),
    ({"training": {"early_stopping": {"patience": 0}}}, "/training/early_stopping/patience"),
    ({"training": {"class_weight": {"green": 1.0}}}, "/training/class_weight/green"),
    ({"training": {"time_limit_seconds": 0}}, "/training/time_limit_seconds"),
    ({"data": INLINE["data"]}, "/data"),
    ({"sample_weight": "colour"}, "/sample_weight"),
]


@pytest.mark.parametrize(
    ("change", "place"), FAULTS, ids=[f"{place}-{number}" for number, (_, place) in enumerate(FAULTS)]
)
def test_a_faulty_job_is_refused_at_its_place(
    client: FlaskClient, dataset_id: str, change: dict[str, Any], place: str
) -> None:
    body = {"dataset_id": dataset_id, "target": "colour", **change}
    assert place in pointers(client.post("/v1/jobs", json=body))
    assert place in pointers(client.post("/v1/jobs/validate", json=body))
    assert client.get("/v1/jobs").json["items"] == []


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (
            {
                "optimizer": {"name": "adam", "learning_rate": "fast"},
                "training": {"epochs": 0, "class_weight": {"green": 1.0}},
                "loss": {"name": "poisson"},
                "network": {"layers": [{"activation": "relu"}, {}]},
                "epochs": 5,
            },
            {"/optimizer/learning_rate", "/training/epochs", "/network/layers/0/units", "/epochs"},
        ),
        # What settles the rest is wrong: of the rest nothing is said that may not be true.
        ({"target": 1, "loss": {"name": "poisson"}}, {"/target"}),
        (
            {"dataset_id": "nothing", "training": {"validation_dataset_id": "nor this"}},
            {"/dataset_id", "/training/validation_dataset_id"},
        ),
        (
            {"dataset_id": "nothing", "network": {"layers": [{"activation": "relu"}, {}]}},
            {"/dataset_id", "/network/layers/0/units"},
        ),
    ],
)
def test_faults_of_shape_and_of_meaning_are_told_together(
    client: FlaskClient, dataset_id: str, change: dict[str, Any], places: set[str]
) -> None:
    found = pointers(client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour", **change}))
    assert places <= found <= places | {"/loss/name"}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"inputs": [[1], [2]]}, "/data"),
        ({"inputs": [[1], [2, 3]], "targets": [1, 2]}, "/data/inputs/1"),
        ({"inputs": [[1], ["two"]], "targets": [1, 2]}, "/data/inputs/1/0"),
        ({"inputs": [[1], [2]], "targets": [1]}, "/data"),
        ({"inputs": [[1], [2]], "targets": [1, {}]}, "/data/targets/1"),
        ({"inputs": [], "targets": []}, "/data"),
        ({}, "/data"),
        ({"rows": []}, "/data/rows"),
        ({"columns": {"a": [1, 2], "b": [1]}}, "/data/columns"),
        ({"columns": {"a": [1, [2]], "b": [1, 2]}}, "/data/columns/a/1"),
    ],
)
def test_faulty_inline_data_is_refused_at_its_place(
    client: FlaskClient, services: Services, data: dict[str, Any], place: str
) -> None:
    found = pointers(client.post("/v1/jobs", json={"data": data}))
    assert any(pointer.startswith(place) for pointer in found), found
    assert blobs(services) == []


def test_numbers_that_are_none_are_refused_at_their_place(client: FlaskClient) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        body = f'{{"data": {{"inputs": [[1], [{number}]], "targets": [1, {number}]}}}}'
        response = client.post("/v1/jobs", data=body, content_type="application/json")
        assert pointers(response) == {"/data/inputs/1/0", "/data/targets/1"}


def test_what_only_the_rows_tell_is_told_at_once(client: FlaskClient, services: Services) -> None:
    data = {"columns": {"a": [1, None, 3], "b": [None, 2.5, None]}}
    body = {"data": data, "target": "b", "features": ["a"], "preprocessing": {"missing": "drop"}}
    response = client.post("/v1/jobs", json=body)
    assert pointers(response) == {"/data"}
    assert "No rows are left" in response.json["detail"]
    assert blobs(services) == []


def test_a_loss_that_does_not_fit_is_refused(client: FlaskClient) -> None:
    body = INLINE | {"data": {"inputs": [[1.0], [2.0]], "targets": [[5.0], [-3.0]]}}
    assert pointers(client.post("/v1/jobs", json=body)) & {"/loss/name", "/loss"}


def test_without_data_there_is_no_job(client: FlaskClient) -> None:
    response = client.post("/v1/jobs", json={"target": "colour"})
    assert pointers(response) == {""}
    assert "dataset_id" in response.json["detail"]


@pytest.mark.parametrize("identifier", ["nothing", "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e", "\u0000"])
def test_a_dataset_that_is_not_there_is_a_fault_of_the_body(client: FlaskClient, identifier: str) -> None:
    assert pointers(client.post("/v1/jobs", json={"dataset_id": identifier, "target": "x"})) == {"/dataset_id"}


def test_a_network_over_the_memory_limit_is_refused_with_the_estimate(
    make_app: Callable[[Settings], APIFlask], settings: Settings
) -> None:
    client = make_app(settings.model_copy(update={"memory_limit_bytes": 1024 * 1024})).test_client()
    layers = [{"units": 2000}, {"units": 2000}, {}]
    response = client.post("/v1/jobs", json=INLINE | {"network": {"layers": layers}})
    assert pointers(response) == {"/network/layers"}
    assert "1048576" in response.json["detail"] or "MiB" in response.json["detail"]


def test_the_largest_network_is_refused_without_being_built(client: FlaskClient) -> None:
    layers = [{"units": 65_536} for _ in range(255)] + [{}]
    response = client.post("/v1/jobs", json=INLINE | {"network": {"layers": layers}})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"target": "a", "target": "b"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"target=a", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_json_is_no_job(client: FlaskClient, body: bytes, media_type: str, status: int) -> None:
    assert client.post("/v1/jobs", data=body, content_type=media_type).status_code == status


def test_a_body_over_the_limit_is_refused(make_app: Callable[[Settings], APIFlask], settings: Settings) -> None:
    client = make_app(settings.model_copy(update={"body_limit_bytes": 2000})).test_client()
    response = client.post("/v1/jobs", json={"name": "x" * 3000})
    assert response.status_code == 413
    assert "2000 bytes" in response.json["detail"]


def test_validation_makes_nothing(client: FlaskClient, services: Services) -> None:
    answer = client.post("/v1/jobs/validate", json=INLINE).json
    assert answer["estimate"]["parameters"] == 2 * 4 + 4 + 4 + 1
    assert answer["estimate"]["memory_bytes"] > 0
    assert answer["spec"]["task"]
    assert blobs(services) == []
    assert client.get("/v1/jobs").json["items"] == []


def test_jobs_are_listed_by_status_and_name(client: FlaskClient) -> None:
    made = [client.post("/v1/jobs", json=INLINE | {"name": name}).json for name in ("a & b", "a & b", "c")]
    client.post(made[0]["links"]["cancel"])
    assert [job["id"] for job in client.get("/v1/jobs").json["items"]] == [job["id"] for job in made[::-1]]
    assert [job["name"] for job in client.get("/v1/jobs?status=cancelled").json["items"]] == ["a & b"]
    page = client.get("/v1/jobs", query_string={"name": "a & b", "limit": 1}).json
    assert [job["id"] for job in page["items"]] == [made[1]["id"]]
    rest = client.get(page["next"]).json
    assert [job["id"] for job in rest["items"]] == [made[0]["id"]]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/jobs?status=done", "/query/status"),
        ("/v1/jobs?limit=0", "/query/limit"),
        ("/v1/jobs?cursor=x", "/query/cursor"),
        ("/v1/jobs?sort=name", "/query/sort"),
    ],
)
def test_a_wrong_list_is_refused(client: FlaskClient, path: str, place: str) -> None:
    assert pointers(client.get(path)) == {place}


@pytest.mark.parametrize("wait", ["-1", "61", "soon", "", "nan", "inf"])
def test_a_wait_that_is_none_is_refused(client: FlaskClient, wait: str) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    assert pointers(client.get(f"{job['links']['self']}?wait={wait}")) == {"/query/wait"}


def test_waiting_ends_with_the_status(client: FlaskClient, services: Services) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    asked, answers = threading.Event(), []
    look = services.jobs.status

    def watched(*args: str) -> Status:
        asked.set()
        return look(*args)

    services.jobs.status = watched  # type: ignore[method-assign]

    def wait() -> None:
        answers.append(client.application.test_client().get(f"{job['links']['self']}?wait=60"))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert asked.wait(30)
    client.post(job["links"]["cancel"])
    waiting.join(30)
    assert answers[0].json["status"] == "cancelled"


def test_waiting_for_a_job_that_has_ended_does_not_wait(client: FlaskClient, trained: dict[str, Any]) -> None:
    assert client.get(f"{trained['links']['self']}?wait=60").json["status"] == "succeeded"


def test_waiting_ends_when_the_time_is_out(client: FlaskClient) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    assert client.get(f"{job['links']['self']}?wait=0.01").json["status"] == "queued"


def test_too_many_who_wait_are_told_when_to_come_back(client: FlaskClient, services: Services) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    services.waiting._places.acquire(blocking=False)
    while services.waiting._places.acquire(blocking=False):
        pass
    response = client.get(f"{job['links']['self']}?wait=60")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")


def test_a_queued_job_is_cancelled_at_once(client: FlaskClient) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    response = client.post(job["links"]["cancel"])
    assert (response.status_code, response.json["status"]) == (202, "cancelled")
    assert response.json["finished_at"]
    assert client.post(job["links"]["cancel"]).status_code == 409


def test_a_job_that_has_ended_cannot_be_cancelled(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.post(f"{trained['links']['self']}/cancel")
    assert response.status_code == 409
    assert "succeeded" in response.json["detail"]


def test_a_removed_job_is_gone_and_its_model_stays(client: FlaskClient, trained: dict[str, Any]) -> None:
    assert client.delete(trained["links"]["self"]).status_code == 204
    assert client.get(trained["links"]["self"]).status_code == 404
    assert client.get(trained["links"]["history"]).status_code == 404
    assert client.get(trained["links"]["model"]).json["links"]["job"] is None


def test_validate_is_no_id(client: FlaskClient) -> None:
    response = client.get("/v1/jobs/validate")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert client.get("/v1/jobs/validate/history").status_code == 404
    assert client.get("/v1/jobs/validated").status_code == 404


@pytest.mark.parametrize("identifier", ["nothing", "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e", "%00"])
def test_what_is_not_there_is_not_found(client: FlaskClient, identifier: str) -> None:
    assert client.get(f"/v1/jobs/{identifier}").status_code == 404
    assert client.get(f"/v1/jobs/{identifier}/history").status_code == 404
    assert client.post(f"/v1/jobs/{identifier}/cancel").status_code == 404
    assert client.delete(f"/v1/jobs/{identifier}").status_code == 404


def test_the_same_key_makes_one_job(client: FlaskClient, services: Services) -> None:
    first = client.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": "once"})
    reordered = dict(reversed(INLINE.items()))
    again = client.post("/v1/jobs", json=reordered, headers={"Idempotency-Key": "once"})
    assert (again.status_code, again.data) == (202, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(client.get("/v1/jobs").json["items"]) == len(blobs(services)) == 1


def test_the_same_key_answers_the_same_after_the_job_went_on(client: FlaskClient) -> None:
    first = client.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": "once"})
    client.post(first.json["links"]["cancel"])
    client.delete(first.json["links"]["self"])
    client.delete(first.json["links"]["dataset"])
    again = client.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": "once"})
    assert again.data == first.data


def test_the_same_key_with_another_job_is_refused(client: FlaskClient) -> None:
    client.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": "once"})
    response = client.post("/v1/jobs", json=INLINE | {"name": "other"}, headers={"Idempotency-Key": "once"})
    assert pointers(response) == {"/header/Idempotency-Key"}


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ü"])
def test_a_key_that_is_none_is_refused(client: FlaskClient, key: str) -> None:
    response = client.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": key})
    assert pointers(response) == {"/header/Idempotency-Key"}


def test_many_at_once_under_one_key_make_one_job(client: FlaskClient, services: Services) -> None:
    answers: list[TestResponse] = []

    def send() -> None:
        own = client.application.test_client()
        answers.append(own.post("/v1/jobs", json=INLINE, headers={"Idempotency-Key": "once"}))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.data for answer in answers}) == 1
    assert len(client.get("/v1/jobs").json["items"]) == len(blobs(services)) == 1


def test_a_job_is_taken_while_the_broker_is_away(make_app: Callable[[Settings], APIFlask], settings: Settings) -> None:
    client = make_app(settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})).test_client()
    assert client.post("/v1/jobs", json=INLINE).status_code == 202
    assert client.get("/readyz").status_code == 503


def test_nothing_is_kept_when_the_database_is_away(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer; try again in a moment.")

    monkeypatch.setattr(type(services.jobs), "add", away)
    response = client.post("/v1/jobs", json=INLINE)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert blobs(services) == []
