import json
from typing import Any

from flask.testing import FlaskClient

from tests.service.dashboard.conftest import Browser
from tests.service.routes.test_jobs import INLINE


def test_jobs_are_compared_by_an_address_that_can_be_shared(
    browser: Browser, client: FlaskClient, trained: dict[str, Any]
) -> None:
    other = client.post("/v1/jobs", json=INLINE | {"name": "other"}).json
    page = browser.open("/compare", f"?ids={trained['id']},{other['id']}")
    for words in ("colours", "other", "Settings that differ", "Best values", "training.epochs"):
        assert words in page, words


def test_what_is_not_there_is_left_out(browser: Browser, trained: dict[str, Any]) -> None:
    page = browser.open("/compare", f"?ids=nothing,{trained['id']},")
    assert "Choose another." in page
    assert "Best values" not in browser.open("/compare")


def test_choosing_goes_to_the_address_of_what_was_chosen(browser: Browser) -> None:
    (output,) = browser.outputs("compare-jobs.value")
    answer = browser.call(output, {"compare-jobs.value": ["a", "b"]}).json
    assert answer["response"]["address"] == {"href": "/compare?ids=a,b"}


def test_only_what_has_changed_is_sent(browser: Browser, trained: dict[str, Any]) -> None:
    (output,) = [one for one in browser.outputs("poll.n_intervals") if "compare-curves" in one]
    state = {
        "compare-jobs.value": [trained["id"]],
        "compare-loss.value": "training_loss",
        "compare-scale.value": "linear",
        "compare-seen.data": "",
    }
    changes = browser.call(output, {"poll.n_intervals": 1}, state).json["response"]
    assert len(changes["compare-curves"]["figure"]["data"][0]["y"]) == 3
    assert "colours" in json.dumps(changes["compare-tables"])
    assert changes["compare-shown"] == {"hidden": False}
    again = browser.call(
        output, {"poll.n_intervals": 2}, state | {"compare-seen.data": changes["compare-seen"]["data"]}
    )
    assert "compare-curves" not in json.dumps(again.json.get("response", {}))
