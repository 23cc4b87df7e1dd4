from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from deltarule.store.clock import from_now
from deltarule.store.settings import Settings
from deltarule.store.tables import SessionRow
from service.dashboard.access import COOKIE
from service.services import NAME, Services
from tests.service.dashboard.conftest import ORIGIN, Browser
from tests.service.routes.test_jobs import INLINE

PAGE = "..content.children...address-title.data.."
HOME = {"address.pathname": "/", "address.search": ""}
ELSEWHERE = {"REMOTE_ADDR": "8.8.8.8"}


def cookie_of(answer: TestResponse) -> str:
    """What this answer gives the browser to keep."""
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    assert cookie.startswith(f"{COOKIE}=")
    return cookie.removeprefix(f"{COOKIE}=")


def test_without_keys_this_machine_needs_none(client: FlaskClient, browser: Browser) -> None:
    assert client.get("/").status_code == 200
    assert browser.call(PAGE, HOME).status_code == 200


@pytest.mark.parametrize(
    ("headers", "environment"),
    [
        ({}, ELSEWHERE),
        ({"X-Forwarded-For": "8.8.8.8"}, {}),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, {}),
    ],
)
def test_without_keys_nobody_else_is_let_in(
    client: FlaskClient, headers: dict[str, str], environment: dict[str, str]
) -> None:
    page = client.get("/", headers=headers, environ_overrides=environment)
    assert (page.status_code, page.location) == (303, "/sign-in?next=%2F")
    assert "deltarule keys add" in client.get("/sign-in", environ_overrides=environment).text
    for path in ("/_dash-layout", "/_dash-dependencies"):
        assert client.get(path, headers=headers, environ_overrides=environment).status_code == 401


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost.evil.example", "http://["])
def test_another_sites_page_can_do_nothing(client: FlaskClient, secret: str, origin: str | None) -> None:
    browser = Browser(client)
    browser.sign_in(secret)
    headers = {"Origin": origin} if origin else {}
    assert browser.call(PAGE, HOME, headers=headers).status_code == 403
    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.post("/sign-in", data={"key": secret}, headers=headers).status_code == 403
    assert browser.call(PAGE, HOME).status_code == 200


def test_with_keys_the_door_asks_for_one(client: FlaskClient, browser: Browser, secret: str) -> None:
    page = client.get("/jobs/some-job?x=1")
    assert page.status_code == 303
    assert page.location == "/sign-in?next=%2Fjobs%2Fsome-job%3Fx%3D1"
    door = client.get(page.location).text
    assert 'value="/jobs/some-job?x=1"' in door
    assert '<label for="key">' in door
    assert browser.call(PAGE, HOME).status_code == 401
    inside = client.post("/sign-in", data={"key": f" {secret} ", "next": "/jobs/some-job?x=1"}, headers=ORIGIN)
    assert (inside.status_code, inside.location) == (303, "/jobs/some-job?x=1")
    assert client.get("/").status_code == 200
    assert browser.call(PAGE, HOME).status_code == 200
    assert "mine" in client.get("/_dash-layout").text


@pytest.mark.usefixtures("secret")
def test_a_wrong_key_is_told(client: FlaskClient, browser: Browser) -> None:
    answer = browser.sign_in("dr_wrong")
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert "not known here" in client.get(answer.location).text
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/\n/evil"]
)
def test_the_door_leads_nowhere_else(client: FlaskClient, secret: str, target: str) -> None:
    answer = client.post("/sign-in", data={"key": secret, "next": target}, headers=ORIGIN)
    assert answer.location == "/"


def test_the_cookie_is_for_this_site_and_no_script(client: FlaskClient, secret: str) -> None:
    browser = Browser(client)
    plain = browser.sign_in(secret).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Max-Age=2592000" in plain
    assert "Secure" not in plain
    headers = {"Origin": "https://localhost"}
    safe = client.post("/sign-in", data={"key": secret}, headers=headers, base_url="https://localhost")
    assert "Secure" in safe.headers["Set-Cookie"]


def test_the_cookie_is_no_key(client: FlaskClient, browser: Browser, secret: str) -> None:
    token = cookie_of(browser.sign_in(secret))
    assert secret not in token
    assert client.get("/v1/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get("/v1/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    client.set_cookie(COOKIE, secret)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("ask", [lambda browser: browser.client.get("/"), lambda browser: browser.call(PAGE, HOME)])
def test_the_cookie_lives_on_with_its_session_and_only_then(
    browser: Browser, services: Services, secret: str, ask: Callable[[Browser], TestResponse]
) -> None:
    token = cookie_of(browser.sign_in(secret))
    assert "Set-Cookie" not in ask(browser).headers, "a late answer would bring back a session that has ended"
    with services.database.write() as session:
        session.execute(update(SessionRow).values(expires_at=from_now(60)))
    assert cookie_of(ask(browser)) == token
    assert "Set-Cookie" not in ask(browser).headers


def test_the_cookie_opens_nothing_of_the_api(client: FlaskClient, browser: Browser, secret: str) -> None:
    browser.sign_in(secret)
    assert client.get("/").status_code == 200
    assert client.get("/v1/jobs").status_code == 401
    assert client.post("/v1/jobs", json=INLINE, headers=ORIGIN).status_code == 401
    assert client.get("/metrics").status_code == 401


def test_a_key_opens_the_dashboard_only_through_the_door(client: FlaskClient, secret: str) -> None:
    assert client.get("/", headers={"Authorization": f"Bearer {secret}"}).status_code == 303


def test_signing_out_ends_it(client: FlaskClient, browser: Browser, secret: str) -> None:
    token = cookie_of(browser.sign_in(secret))
    assert client.post("/sign-out", headers=ORIGIN).location == "/sign-in"
    assert client.get_cookie(COOKIE) is None
    assert client.get("/").status_code == 303
    assert browser.call(PAGE, HOME).status_code == 401
    client.set_cookie(COOKIE, token)
    assert client.get("/").status_code == 303, "whoever has kept the cookie is not let in with it"
    assert client.post("/sign-out", headers=ORIGIN).status_code == 303


def test_who_signs_in_anew_leaves_no_session_behind(client: FlaskClient, browser: Browser, secret: str) -> None:
    first = cookie_of(browser.sign_in(secret))
    second = cookie_of(browser.sign_in(secret))
    assert second != first
    assert client.get("/").status_code == 200
    client.set_cookie(COOKIE, first)
    assert client.get("/").status_code == 303


def test_one_key_is_signed_in_at_several_browsers(
    client: FlaskClient, browser: Browser, app: APIFlask, secret: str
) -> None:
    other = Browser(app.test_client())
    browser.sign_in(secret)
    other.sign_in(secret)
    client.post("/sign-out", headers=ORIGIN)
    assert browser.call(PAGE, HOME).status_code == 401
    assert other.call(PAGE, HOME).status_code == 200


def test_a_revoked_key_ends_it_with_the_next_callback(
    client: FlaskClient, browser: Browser, services: Services
) -> None:
    key, secret = services.keys.add("mine")
    browser.sign_in(secret)
    assert browser.call(PAGE, HOME).status_code == 200
    services.keys.revoke(key.id)
    assert browser.call(PAGE, HOME).status_code == 401
    assert client.get("/").status_code == 303
    assert client.get("/_dash-layout").status_code == 401


def test_an_expired_key_is_no_key(client: FlaskClient, browser: Browser, services: Services) -> None:
    _, secret = services.keys.add("old", datetime.now(UTC) - timedelta(days=1))
    browser.sign_in(secret)
    assert client.get("/").status_code == 303


def test_the_dashboard_is_limited_as_the_api_is(settings: Settings, make_app: Callable[[Settings], APIFlask]) -> None:
    app = make_app(settings.model_copy(update={"requests_per_minute": 3}))
    secret = app.extensions[NAME].keys.add("mine")[1]
    client = app.test_client()
    Browser(client).sign_in(secret)
    answers = [Browser(client).call(PAGE, HOME) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    guesses = [Browser(app.test_client()).sign_in("dr_guess").status_code for _ in range(3)]
    assert guesses == [303, 303, 429]
