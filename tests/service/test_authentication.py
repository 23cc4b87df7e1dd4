from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.services import Services
from tests.service.routes.test_jobs import INLINE


@pytest.fixture
def secret(services: Services) -> str:
    return services.keys.add("mine")[1]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_without_keys_its_own_machine_is_served(client: FlaskClient, address: str) -> None:
    assert client.get("/v1/jobs", environ_overrides={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.2", "8.8.8.8", "::2", "fe80::1", "", "nonsense"])
def test_without_keys_nobody_else_is_served_and_hears_why(client: FlaskClient, address: str) -> None:
    response = client.get("/v1/jobs", environ_overrides={"REMOTE_ADDR": address})
    assert response.status_code == 401
    assert "deltarule keys add" in response.json["detail"]
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_without_keys_a_proxy_is_not_its_own_machine(client: FlaskClient, header: str) -> None:
    assert client.get("/v1/jobs", headers={header: "8.8.8.8"}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""])
def test_without_keys_a_foreign_name_is_not_its_own_machine(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/jobs", headers={"Host": host}).status_code == 401


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_without_keys_its_own_names_are_its_own_machine(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/jobs", headers={"Host": host}).status_code == 200


def test_without_keys_a_foreign_page_cannot_ask(client: FlaskClient) -> None:
    foreign = {"Origin": "http://evil.example", "Host": "localhost:8080"}
    assert client.post("/v1/jobs", json=INLINE, headers=foreign).status_code == 401
    assert client.post("/v1/jobs", json=INLINE, headers=foreign | {"Origin": "null"}).status_code == 401
    own = foreign | {"Origin": "http://localhost:8080"}
    assert client.post("/v1/jobs", json=INLINE, headers=own).status_code == 202


@pytest.mark.usefixtures("secret")
def test_with_a_key_everybody_needs_one(client: FlaskClient) -> None:
    response = client.get("/v1/jobs")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_is_served_from_anywhere(client: FlaskClient, secret: str) -> None:
    elsewhere = {"REMOTE_ADDR": "8.8.8.8"}
    assert client.get("/v1/jobs", headers=bearer(secret), environ_overrides=elsewhere).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer wrong", "Bearer \xff", "Basic bWU6c2VjcmV0", "wrong", "", "Bearer a b"],
)
@pytest.mark.usefixtures("secret")
def test_a_wrong_key_is_refused(client: FlaskClient, authorization: str) -> None:
    assert client.get("/v1/jobs", headers={"Authorization": authorization}).status_code == 401


def test_a_wrong_key_is_refused_where_none_is_needed(client: FlaskClient) -> None:
    assert client.get("/v1/jobs", headers=bearer("wrong")).status_code == 401


def test_a_revoked_and_an_expired_key_are_refused_alike(client: FlaskClient, services: Services, secret: str) -> None:
    _, old = services.keys.add("old", datetime.now(UTC) - timedelta(days=1))
    key = services.keys.list()[-1]
    services.keys.revoke(key.id)
    answers = [client.get("/v1/jobs", headers=bearer(each)).json for each in (secret, old, "unknown")]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("path", ["/sign-in", "/docs", "/openapi.json", "/healthz", "/readyz", "/static/deltarule.css"])
def test_what_shows_nothing_of_anybody_needs_no_key(client: FlaskClient, path: str) -> None:
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "8.8.8.8"}).status_code == 200


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/jobs/x", "/v1//jobs"])
def test_no_address_of_the_api_is_told_apart_without_a_key(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1/datasets/{dataset}", {}),
    ("GET", "/v1/datasets/{dataset}/content", {}),
    ("GET", "/v1/datasets/{dataset}/preview", {}),
    ("DELETE", "/v1/datasets/{dataset}", {}),
    ("GET", "/v1/jobs/{job}", {}),
    ("GET", "/v1/jobs/{job}?wait=60", {}),
    ("GET", "/v1/jobs/{job}/history", {}),
    ("POST", "/v1/jobs/{job}/cancel", {}),
    ("DELETE", "/v1/jobs/{job}", {}),
    ("GET", "/v1/models/{model}", {}),
    ("GET", "/v1/models/{model}/export?format=json", {}),
    ("GET", "/v1/models/{model}/export?format=npz", {}),
    ("POST", "/v1/models/{model}/predictions", {"json": {"inputs": [[0, 0]]}}),
    ("DELETE", "/v1/models/{model}", {}),
]


class Owner:
    """Somebody with a key, and what belongs to them."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client = client
        self.headers = bearer(secret)
        self.things: dict[str, str] = {}

    def ask(self, method: str, path: str, **kwargs: Any) -> Any:  # noqa: ANN401 -- what the client takes
        return self.client.open(path.format(**self.things), method=method, headers=self.headers, **kwargs)


@pytest.fixture
def owners(client: FlaskClient, services: Services, train: Callable[[str], None]) -> tuple[Owner, Owner]:
    """Somebody with a dataset, a job and a model, and a stranger who has heard of them."""
    mine, stranger = (Owner(client, services.keys.add(name)[1]) for name in ("me", "stranger"))
    job = mine.ask("POST", "/v1/jobs", json=INLINE).json
    train(job["id"])
    job = mine.ask("GET", f"/v1/jobs/{job['id']}").json
    mine.things = {"job": job["id"], "dataset": job["spec"]["dataset_id"], "model": job["model_id"]}
    stranger.things = mine.things
    return mine, stranger


def test_a_stranger_finds_nothing(owners: tuple[Owner, Owner], services: Services) -> None:
    mine, stranger = owners
    services.trained.get(mine.ask("GET", "/v1/jobs") and services.keys.list()[-1].id, mine.things["model"])
    for method, path, arguments in REQUESTS:
        assert stranger.ask(method, path, **arguments).status_code == 404, (method, path)
    for kind in ("datasets", "jobs", "models"):
        assert stranger.ask("GET", f"/v1/{kind}").json["items"] == []
        assert len(mine.ask("GET", f"/v1/{kind}").json["items"]) == 1


BODIES: dict[str, dict[str, Any]] = {
    "/v1/datasets": {"data": "a,b\n1,2\n3,4\n", "content_type": "text/csv"},
    "/v1/jobs": {"json": {"dataset_id": "{dataset}", "target": "target_0"}},
    "/v1/jobs/validate": {"json": {"dataset_id": "{dataset}", "target": "target_0"}},
    "/v1/models/{model_id}/predictions": {"json": {"inputs": [[0, 0]]}},
    "/v1/models/{model_id}/evaluations": {"json": {"dataset_id": "{dataset}"}},
    "/v1/explanations": {"json": {"model_id": "{model}", "inputs": [[0, 0]], "targets": [[0]]}},
}
"""What is sent to each address that takes a body; an address that is new stands here, or the test fails."""
QUERIES = {"/v1/models/{model_id}/export": "?format=json"}


def operations(client: FlaskClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of the API that the OpenAPI document has, with a body it takes."""
    paths: dict[str, dict[str, Any]] = client.get("/openapi.json").json["paths"]
    return [
        (method, path, BODIES[path] if "requestBody" in operation else {})
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/v1/") and method in ("get", "post", "delete")
    ]


def with_ids(value: Any, things: dict[str, str]) -> Any:  # noqa: ANN401 -- as bodies are
    if isinstance(value, dict):
        return {name: with_ids(item, things) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    for kind, identifier in things.items():
        value = value.replace(f"{{{kind}}}", identifier).replace(f"{{{kind}_id}}", identifier)
    return value


def test_a_stranger_comes_to_nothing_at_any_address_of_the_document(
    owners: tuple[Owner, Owner], client: FlaskClient
) -> None:
    mine, stranger = owners
    before = {kind: mine.ask("GET", f"/v1/{kind}").json for kind in ("datasets", "jobs", "models")}
    found = operations(client)
    assert len(found) >= 20
    for method, path, body in found:
        place, arguments = with_ids(path, mine.things) + QUERIES.get(path, ""), with_ids(body, mine.things)
        assert client.open(place, method=method, **arguments).status_code == 401, (method, path)
        answer = client.open(place, method=method, headers=stranger.headers, **arguments)
        if "{" in path:
            assert answer.status_code == 404, (method, path)
        elif method == "get":
            assert (answer.status_code, answer.json["items"]) == (200, []), path
        elif path != "/v1/datasets":
            assert answer.status_code == 422, path
            assert "There is no" in answer.json["detail"], path
        assert not any(identifier in answer.headers.get("Location", "") for identifier in mine.things.values())
    assert {kind: mine.ask("GET", f"/v1/{kind}").json for kind in ("datasets", "jobs", "models")} == before


def test_a_stranger_cannot_name_it_in_a_body_either(owners: tuple[Owner, Owner]) -> None:
    mine, stranger = owners
    dataset, model = mine.things["dataset"], mine.things["model"]
    own = stranger.ask("POST", "/v1/datasets", data="a,b\n1,2\n3,4\n", content_type="text/csv").json["id"]
    bodies: list[tuple[str, dict[str, Any], str]] = [
        ("/v1/jobs", {"dataset_id": dataset, "target": "target_0"}, "/dataset_id"),
        ("/v1/jobs/validate", {"dataset_id": dataset, "target": "target_0"}, "/dataset_id"),
        ("/v1/jobs", INLINE | {"network": {"model_id": model}}, "/network/model_id"),
        (
            "/v1/jobs",
            {
                "dataset_id": own,
                "target": "b",
                "training": {"validation_dataset_id": dataset, "validation_fraction": 0},
            },
            "/training/validation_dataset_id",
        ),
        ("/v1/explanations", {"model_id": model, "inputs": [[0, 0]], "targets": [[0]]}, "/model_id"),
    ]
    for path, body, place in bodies:
        response = stranger.ask("POST", path, json=body)
        assert response.status_code == 422, path
        assert [fault["pointer"] for fault in response.json["errors"]] == [place]


def test_an_idempotency_key_belongs_to_its_owner(owners: tuple[Owner, Owner]) -> None:
    mine, stranger = owners
    for somebody in (mine, stranger):
        somebody.headers["Idempotency-Key"] = "same"
    first = mine.ask("POST", "/v1/jobs", json=INLINE)
    second = stranger.ask("POST", "/v1/jobs", json=INLINE)
    assert first.json["id"] != second.json["id"]
    assert "Idempotency-Replayed" not in second.headers
