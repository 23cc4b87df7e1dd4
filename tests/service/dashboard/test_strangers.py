"""What belongs to one key is shown to no other, on no page and by no callback, and nobody else can change it."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient

from service.dashboard.table import PAGES
from service.services import Services
from tests.service.dashboard.conftest import Browser
from tests.service.routes.test_jobs import INLINE

NAME = "nobody-else-may-read-this"
VARIABLE = re.compile(r"<[^>]+>")


@pytest.fixture
def things(services: Services, client: FlaskClient, train: Callable[[str], None]) -> dict[str, str]:
    """The ids of what somebody has made: a job, its dataset, its model."""
    _, secret = services.keys.add("owner")
    headers = {"Authorization": f"Bearer {secret}"}
    job = client.post("/v1/jobs", json=INLINE | {"name": NAME}, headers=headers).json
    train(job["id"])
    job = client.get(f"/v1/jobs/{job['id']}", headers=headers).json
    return {"secret": secret, "job": job["id"], "dataset": job["spec"]["dataset_id"], "model": job["model_id"]}


@pytest.fixture
def stranger(browser: Browser, services: Services) -> Browser:
    """The browser of somebody with another key."""
    browser.sign_in(services.keys.add("stranger")[1])
    return browser


def addresses(things: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every page, with whatever its path and its query could name."""
    ids = [things[kind] for kind in ("job", "dataset", "model")]
    queries = ["", *(f"?{name}={identifier}" for name in ("ids", "job", "dataset", "model") for identifier in ids)]
    for page in PAGES:
        for identifier in ids if "<" in page.path else ids[:1]:
            for query in queries:
                yield VARIABLE.sub(identifier, page.path), query


def test_no_page_shows_it(stranger: Browser, things: dict[str, str]) -> None:
    for path, query in addresses(things):
        assert NAME not in stranger.open(path, query), (path, query)


def test_its_owner_sees_it(browser: Browser, things: dict[str, str]) -> None:
    browser.sign_in(things["secret"])
    for path in ("/", f"/jobs/{things['job']}", "/compare"):
        assert NAME in browser.open(path), path


def values(identifier: str) -> Iterator[dict[str, Any]]:
    """What the fields of a page could hold, by their property; others hold the id, or a list of it."""
    rows = [{"id": identifier, "name": "x", "href": f"/jobs/{identifier}"}]
    for value in (identifier, [identifier]):
        known = {"n_clicks": 1, "n_intervals": 1, "selectedRows": rows, "pathname": f"/jobs/{identifier}"}
        yield {**known, "search": f"?ids={identifier}", "": value}


def filled(fields: Sequence[Mapping[str, str]], held: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{field['id']}.{field['property']}": held.get(field["property"], held[""]) for field in fields}


def test_no_callback_shows_or_changes_it(stranger: Browser, things: dict[str, str], services: Services) -> None:
    owner = next(key.id for key in services.keys.list() if key.name == "owner")
    before = services.jobs.get(owner, things["job"])
    asked = 0
    all_values = [held for kind in ("job", "dataset", "model") for held in values(things[kind])]
    for callback, held in itertools.product(stranger.callbacks(), all_values):
        # Much of it makes no sense, which is no matter for the log.
        with structlog.testing.capture_logs():
            answer = stranger.call(
                callback["output"], filled(callback["inputs"], held), filled(callback["state"], held)
            )
        asked += 1
        assert answer.status_code in (200, 204, 400), callback["output"]
        assert NAME not in answer.text, callback["output"]
    assert asked > 30
    assert services.jobs.get(owner, things["job"]) == before
    assert services.models.get(owner, things["model"])
    assert services.datasets.get(owner, things["dataset"])


def test_no_file_is_given_away(stranger: Browser, things: dict[str, str]) -> None:
    for form in ("csv", "json", "svg", "png"):
        assert stranger.client.get(f"/downloads/jobs/{things['job']}/history.{form}").status_code == 404
    stranger.sign_in(things["secret"])
    answer = stranger.client.get(f"/downloads/jobs/{things['job']}/history.csv")
    assert answer.text.startswith("epoch,training_loss")
    assert NAME in answer.headers["Content-Disposition"]
