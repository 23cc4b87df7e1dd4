import pytest
from flask.testing import FlaskClient

from deltarule.store import errors as store
from service.services import Services


def test_an_unknown_address_is_a_problem(client: FlaskClient) -> None:
    problem = client.get("/nothing/here").json
    assert problem["status"] == 404
    assert problem["title"] == "Not Found"
    assert problem["instance"] == "/nothing/here"
    assert "/openapi.json" in problem["detail"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/jobs/", "/v1//jobs", "/metric", "/static/nothing.css", "/%00"])
def test_no_address_is_guessed(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/jobs", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PATCH", "/v1/datasets/x", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("GET", "/v1/explanations", {"OPTIONS", "POST"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_refused_with_those_that_are_taken(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_options_tells_the_methods(client: FlaskClient) -> None:
    response = client.options("/v1/jobs")
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/jobs", "/healthz", "/openapi.json"])
def test_head_is_get_without_its_body(client: FlaskClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.mimetype, head.data) == (get.status_code, get.mimetype, b"")


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/datasets", "/healthz", "/v1/jobs/x"])
def test_who_wants_something_else_hears_what_there_is(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "application/xml"})
    assert response.status_code == 406
    assert "application/json" in response.json["detail"]


@pytest.mark.parametrize("path", ["/v1/jobs/x/cancel", "/v1/jobs/validate", "/v1/explanations"])
def test_parameters_are_refused_where_none_are_taken(client: FlaskClient, path: str) -> None:
    response = client.post(f"{path}?force=1", json={})
    assert response.status_code == 422
    assert response.json["errors"] == [{"pointer": "/query/force", "detail": "There is no such parameter here."}]


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP, identity"])
def test_packed_bodies_are_refused(client: FlaskClient, encoding: str) -> None:
    response = client.post("/v1/jobs", data=b"\x1f\x8b", headers={"Content-Encoding": encoding})
    assert response.status_code == 415
    assert encoding.lower() in response.json["detail"]
    assert client.post("/v1/jobs", json=[], headers={"Content-Encoding": "identity"}).status_code == 422


def test_an_unexpected_exception_says_nothing_of_itself(
    capsys: pytest.CaptureFixture[str], client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret path: /etc/deltarule")

    monkeypatch.setattr(type(services.jobs), "page", broken)
    response = client.get("/v1/jobs")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["X-Request-Id"] in (logged := capsys.readouterr().out)
    assert "a secret path" in logged


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (store.NotFound("job", "x"), 404),
        (store.Conflict("It has ended."), 409),
        (store.InUse("It is needed."), 409),
        (store.Refused("A value cannot be stored."), 422),
        (store.InvalidCursor(), 422),
        (store.Unavailable("The database does not answer."), 503),
        (store.StorageFull("There is no room left."), 503),
        (store.SchemaOutdated(), 503),
        (store.StoreError("a fault of ours"), 500),
    ],
)
def test_every_error_of_the_store_has_its_status(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    client.application.extensions["checker"].check = lambda _: None
    monkeypatch.setattr(type(services.jobs), "page", fails)
    response = client.get("/v1/jobs")
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    assert (str(error) in response.json["detail"]) == (status < 500 or status == 503)
    assert bool(response.json.get("errors")) == (status == 422)


def test_a_problem_is_a_problem_for_a_browser_too(client: FlaskClient) -> None:
    response = client.get("/nothing", headers={"Accept": "text/html"})
    assert response.mimetype == "application/problem+json"


def test_answers_carry_no_name_of_a_library(client: FlaskClient) -> None:
    for path in ("/", "/v1/jobs", "/nothing"):
        headers = str(client.get(path).headers).lower()
        assert "werkzeug" not in headers
        assert "python" not in headers
        assert "flask" not in headers
