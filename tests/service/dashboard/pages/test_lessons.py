import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from deltarule.training.lessons import lessons
from tests.service.dashboard.conftest import Browser

STATES = [f"lessons-state-{name}.children" for name in lessons()]
START = '{"lesson":["ALL"],"type":["ALL"]}'


def posted(name: str) -> dict[str, dict[str, Any]]:
    return {job: spec.model_dump(mode="json", exclude_unset=True) for job, spec in lessons()[name].jobs.items()}


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
