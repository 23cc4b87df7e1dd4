import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from service.services import Services
from tests.service.dashboard.conftest import Browser
from tests.service.routes.test_jobs import INLINE

ROWS = "jobs-grid.rowData"


def polled(browser: Browser, seen: str = "", status: str = "any status") -> dict[str, Any] | None:
    (output,) = [one for one in browser.outputs("poll.n_intervals") if ROWS in one]
    state = {"jobs-status.value": status, "jobs-shown.data": 100, "jobs-seen.data": seen}
    answer = browser.call(output, {"poll.n_intervals": 1}, state)
    assert answer.status_code in (200, 204)
    return answer.json if answer.status_code == 200 else None


def rows(answer: dict[str, Any] | None) -> list[dict[str, Any]]:
    assert answer
    found: list[dict[str, Any]] = answer["response"]["jobs-grid"]["rowData"]
    return found


def mark(answer: dict[str, Any] | None) -> str:
    assert answer
    seen: str = answer["response"]["jobs-seen"]["data"]
    return seen


def pressed(browser: Browser, button: str, chosen: list[dict[str, Any]]) -> dict[str, Any]:
    (output,) = browser.outputs(f"{button}.n_clicks")
    state = {"jobs-grid.selectedRows": chosen, "jobs-status.value": "any status", "jobs-shown.data": 100}
    answer: dict[str, Any] = browser.call(output, {f"{button}.n_clicks": 1}, state).json
    return answer["response"]


def test_a_new_service_says_how_to_begin(browser: Browser, client: FlaskClient) -> None:
    page = browser.open("/")
    assert "There are no jobs here yet" in page
    conversation = next(text for text in json.loads(f'["{page.split(chr(34) + "curl ")[1].split("}" + chr(39))[0]}"]'))
    body = conversation.split("-d '")[1] + "}"
    assert client.post("/v1/jobs", data=body, content_type="application/json").status_code == 202


def test_the_list_shows_how_each_job_stands(browser: Browser, client: FlaskClient, trained: dict[str, Any]) -> None:
    waiting = client.post("/v1/jobs", json=INLINE | {"name": "<b>bold</b>\u202e & brave"}).json
    first, second = rows(polled(browser))
    assert (first["id"], first["name"], first["status"]) == (waiting["id"], "<b>bold</b> & brave", "queued")
    assert (second["status"], second["progress"], second["fraction"]) == ("succeeded", "3 of 3", 1.0)
    assert len(second["curve"]) == 3
    assert second["href"] == f"/jobs/{trained['id']}"


def test_nothing_is_sent_where_nothing_has_changed(browser: Browser, trained: dict[str, Any]) -> None:
    again = polled(browser, mark(polled(browser)))
    assert again is None or "jobs-grid" not in again.get("response", {})
    assert trained["id"] in browser.open("/")


def test_jobs_are_shown_by_status(browser: Browser, client: FlaskClient, trained: dict[str, Any]) -> None:
    client.post("/v1/jobs", json=INLINE)
    assert [row["id"] for row in rows(polled(browser, "", "succeeded"))] == [trained["id"]]
    assert len(rows(polled(browser, "", "queued"))) == 1


def test_chosen_jobs_are_cancelled_and_those_that_have_ended_are_told(
    browser: Browser, client: FlaskClient, services: Services, trained: dict[str, Any]
) -> None:
    waiting = client.post("/v1/jobs", json=INLINE).json["id"]
    answer = pressed(browser, "jobs-cancel", [{"id": waiting}, {"id": trained["id"], "name": "colours"}])
    assert services.jobs.get(None, waiting).status == "cancelled"
    assert "colours: The job has ended already" in json.dumps(answer["notice"])
    assert len(answer["jobs-grid"]["rowData"]) == 2


def test_chosen_jobs_are_deleted(browser: Browser, services: Services, trained: dict[str, Any]) -> None:
    answer = pressed(browser, "jobs-remove-now", [{"id": trained["id"]}])
    assert answer["jobs-grid"] == {"rowData": [], "selectedRows": []}
    assert answer["jobs-removal"] == {"opened": False}
    assert answer["notice"] == {"children": None}
    assert services.jobs.page(None).items == ()
    assert services.models.page(None).items


def test_news_come_as_a_job_goes_on(browser: Browser, client: FlaskClient, train: Callable[[str], None]) -> None:
    job = client.post("/v1/jobs", json=INLINE).json["id"]
    waiting = polled(browser)
    assert waiting
    assert waiting["sideUpdate"]["poll"] == {"interval": 800}
    train(job)
    ended = polled(browser, mark(waiting))
    assert rows(ended)[0]["status"] == "succeeded"
    assert ended
    assert ended["sideUpdate"]["poll"] == {"interval": 5000}
