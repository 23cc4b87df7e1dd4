import json
from typing import Any

from flask.testing import FlaskClient

from service.services import Services
from tests.service.dashboard.conftest import Browser
from tests.service.routes.test_jobs import INLINE


def polled(browser: Browser, job: str, seen: str) -> dict[str, Any]:
    (output,) = [one for one in browser.outputs("poll.n_intervals") if "job-losses.figure" in one]
    state = {"job-id.data": job, "job-seen.data": seen, "job-scale.value": "log"}
    answer = browser.call(output, {"poll.n_intervals": 1}, state)
    assert answer.status_code == 200
    changes: dict[str, Any] = answer.json.get("response", {})
    return changes


def test_the_page_tells_everything_of_a_job(browser: Browser, trained: dict[str, Any]) -> None:
    page = browser.open(f"/jobs/{trained['id']}")
    for words in ("colours", "succeeded", "every epoch was trained", "3 of 3", "accuracy", "taken by", "Best "):
        assert words in page, words
    assert json.dumps(trained["spec"]["optimizer"]["name"])[1:-1] in page
    assert f"/downloads/jobs/{trained['id']}/history.csv" in page


def test_only_what_has_changed_is_sent(browser: Browser, trained: dict[str, Any]) -> None:
    changes = polled(browser, trained["id"], "")
    assert changes["job-losses"]["figure"]["layout"]["yaxis"]["type"] == "log"
    assert changes["job-may-cancel"] == {"hidden": True}
    assert polled(browser, trained["id"], changes["job-seen"]["data"]) == {}


def test_a_failed_job_says_why_and_what_to_change(
    browser: Browser,
    client: FlaskClient,
    train: Any,  # noqa: ANN401 -- a function
) -> None:
    body = INLINE | {"optimizer": {"name": "sgd", "learning_rate": 1e300}}
    job = client.post("/v1/jobs", json=body).json
    train(job["id"])
    failed = client.get(f"/v1/jobs/{job['id']}").json
    assert failed["status"] == "failed"
    page = browser.open(f"/jobs/{job['id']}")
    assert json.dumps(failed["error"]["detail"], ensure_ascii=False)[1:-1] in page
    assert "No epoch was completed: the training diverged." in page


def test_a_queued_job_is_cancelled(browser: Browser, client: FlaskClient, services: Services) -> None:
    job = client.post("/v1/jobs", json=INLINE).json["id"]
    (output,) = browser.outputs("job-cancel.n_clicks")
    state = {"job-id.data": job, "job-scale.value": "linear"}
    answer = browser.call(output, {"job-cancel.n_clicks": 1}, state).json
    assert services.jobs.get(None, job).status == "cancelled"
    assert "cancelled" in json.dumps(answer["response"]["job-standing"])
    again = browser.call(output, {"job-cancel.n_clicks": 2}, state).json
    assert "The job has ended already" in json.dumps(again["sideUpdate"]["notice"])


def test_the_losses_are_drawn_on_another_scale(browser: Browser, trained: dict[str, Any]) -> None:
    (output,) = browser.outputs("job-scale.value")
    answer = browser.call(output, {"job-scale.value": "log"}, {"job-id.data": trained["id"]}).json
    assert answer["response"]["job-losses"]["figure"]["layout"]["yaxis"]["type"] == "log"


def test_the_history_comes_as_a_file(client: FlaskClient, trained: dict[str, Any]) -> None:
    path = f"/downloads/jobs/{trained['id']}/history"
    table = client.get(f"{path}.csv")
    assert table.mimetype == "text/csv"
    assert table.headers["Content-Disposition"] == 'attachment; filename="colours history.csv"'
    assert len(table.text.splitlines()) == 4
    assert client.get(f"{path}.json").json["epoch"] == [1, 2, 3]
    assert client.get(f"{path}.txt").status_code == 404
