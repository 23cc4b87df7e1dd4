from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.store.errors import SettingsError
from deltarule.store.settings import Settings
from service.services import Services

ALLOWED = "https://app.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    origins = f"{ALLOWED}, http://localhost:5173"
    return Settings(data=tmp_path / "data", database_url=sqlite_url, cors_origins=origins)


@pytest.fixture
def ask(client: FlaskClient, services: Services) -> Callable[..., TestResponse]:
    """A function that asks with a key, as a page of this origin."""
    secret = services.keys.add("me")[1]

    def get(origin: str, path: str = "/v1/jobs") -> TestResponse:
        return client.get(path, headers={"Origin": origin, "Authorization": f"Bearer {secret}"})

    return get


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:5173"])
def test_a_page_of_a_named_origin_may_ask_and_read(
    client: FlaskClient, ask: Callable[..., TestResponse], origin: str
) -> None:
    leave = client.options("/v1/jobs", headers={"Origin": origin, **PREFLIGHT})
    assert leave.status_code == 204
    assert "POST" in leave.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in leave.headers["Access-Control-Allow-Headers"]
    answer = ask(origin)
    for response in (leave, answer):
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers.getlist("Vary")
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    missing = ask(origin, "/v1/nothing")
    assert (missing.status_code, missing.headers["Access-Control-Allow-Origin"]) == (404, origin)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{ALLOWED}.evil.example", "http://app.example.org", f"{ALLOWED}:8443", "null", "*", ""],
)
def test_other_origins_may_not(client: FlaskClient, ask: Callable[..., TestResponse], origin: str) -> None:
    leave = client.options("/v1/jobs", headers={"Origin": origin, **PREFLIGHT})
    for response in (leave, ask(origin)):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
    assert leave.status_code == 401


def test_a_named_origin_needs_a_key(client: FlaskClient) -> None:
    assert client.get("/v1/jobs", headers={"Origin": ALLOWED}).status_code == 401


def test_by_default_no_origin_may(sqlite_url: str, tmp_path: Path, make_app: Callable[[Settings], object]) -> None:
    app = make_app(Settings(data=tmp_path / "other", database_url=sqlite_url))
    response = app.test_client().get("/healthz", headers={"Origin": ALLOWED})  # type: ignore[attr-defined]
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
    assert "Origin" not in response.headers.getlist("Vary")


@pytest.mark.parametrize(
    "origins", ["*", "app.example.org", "https://app.example.org/", "https://App.example.org", "null"]
)
def test_what_is_no_origin_stops_the_start(tmp_path: Path, origins: str) -> None:
    with pytest.raises(SettingsError, match="DELTARULE_CORS_ORIGINS"):
        Settings(data=tmp_path, cors_origins=origins)
