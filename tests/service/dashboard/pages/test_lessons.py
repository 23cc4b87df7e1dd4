import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.training.lessons import lessons
from service.services import Services
from tests.service.dashboard.conftest import ORIGIN, Browser

START = '{"lesson":["ALL"],"type":"lessons-start"}.n_clicks'


def posted(name: str) -> dict[str, dict[str, Any]]:
    return {job: spec.model_dump(mode="json", exclude_unset=True) for job, spec in lessons()[name].jobs.items()}


def press(browser: Browser, pressed: str | None) -> TestResponse:
    """Press the button of this lesson, as its page does; None: the page was opened, and nobody pressed any."""
    (output,) = browser.outputs(START)
    names = output.removeprefix("..").removesuffix("..").split("...")
    buttons = [{"lesson": name, "type": "lessons-start"} for name in lessons()]
    clicks = [
        {"id": button, "property": "n_clicks", "value": 1 if button["lesson"] == pressed else None}
        for button in buttons
    ]
    asked = {
        "output": output,
        "outputs": [{"id": name.split(".")[0], "property": name.split(".")[1]} for name in names],
        "inputs": [clicks],
        "changedPropIds": [f'{{"lesson":"{pressed}","type":"lessons-start"}}.n_clicks'] if pressed else [],
    }
    return browser.client.post("/_dash-update-component", json=asked, headers=ORIGIN)


@pytest.fixture
def learned(client: FlaskClient, train: Callable[[str], None]) -> None:
    """The first lesson, done by hand."""
    for job in posted("1_xor").values():
        train(client.post("/v1/jobs", json=job).json["id"])


def test_every_lesson_is_there(browser: Browser) -> None:
    page = browser.open("/lessons")
    for lesson in lessons().values():
        assert json.dumps(lesson.explanation, ensure_ascii=False) in page
    assert "came out" not in page


@pytest.mark.usefixtures("learned")
def test_what_was_expected_has_come_out(browser: Browser) -> None:
    page = browser.open("/lessons")
    assert page.count('"came out"') == 2
    assert "Found: 0.6931." in page
    assert "/compare?ids=" in page


def test_a_changed_job_proves_nothing(client: FlaskClient, browser: Browser, train: Callable[[str], None]) -> None:
    for job in posted("1_xor").values():
        changed = job | {"training": job["training"] | {"epochs": 2}}
        train(client.post("/v1/jobs", json=changed).json["id"])
    assert "Lesson XOR" not in browser.open("/lessons")


def test_a_job_that_waits_has_not_come_out_yet(client: FlaskClient, browser: Browser) -> None:
    for job in posted("1_xor").values():
        client.post("/v1/jobs", json=job)
    assert browser.open("/lessons").count('"not known yet"') == 2


def test_the_button_starts_the_jobs_of_its_lesson(browser: Browser, services: Services) -> None:
    answer = press(browser, "1_xor").json["response"]
    assert list(answer) == ["lessons-state-1_xor"]
    assert json.dumps(answer).count('"not known yet"') == 2
    queued = services.jobs.page(None).items
    assert {job.name for job in queued} == {job["name"] for job in posted("1_xor").values()}


def test_a_page_that_was_just_opened_starts_nothing(browser: Browser, services: Services) -> None:
    assert press(browser, None).status_code == 204
    assert services.jobs.page(None).items == ()
