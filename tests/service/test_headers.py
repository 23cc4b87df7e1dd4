import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/docs", "/v1/jobs", "/nothing", "/healthz", "/openapi.json"])
def test_no_browser_may_frame_guess_or_keep(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


def test_what_never_changes_may_be_kept(client: FlaskClient) -> None:
    response = client.get("/static/deltarule.css")
    assert response.mimetype == "text/css"
    assert "no-store" not in response.headers["Cache-Control"]
    assert response.headers["ETag"]


def test_only_pages_may_load_their_own_style(client: FlaskClient) -> None:
    assert "style-src 'self'" in client.get("/docs").headers["Content-Security-Policy"]
    assert "style-src" not in client.get("/v1/jobs").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/v1/jobs", "/metrics", "/openapi.json"])
def test_other_sites_may_read_nothing(client: FlaskClient, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        asked = {"Origin": "http://localhost", "Access-Control-Request-Method": "GET"}
        headers = client.open(path, method=method, headers=asked).headers
        assert not [name for name, _ in headers if name.lower().startswith("access-control-")]
        assert headers["X-Request-Id"]
