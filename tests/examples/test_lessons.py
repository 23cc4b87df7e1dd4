"""Every lesson as one follows it by hand: its jobs are posted as they stand in the file, and come out as it says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deltarule.training.lessons import Outcome, judge, lessons
from tests.stack import ended, running_stack

LESSONS = Path(__file__).parents[2] / "examples" / "lessons"

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_stack(tmp_path_factory.mktemp("stack") / "data") as running:
        yield running


@pytest.mark.parametrize("name", lessons())
def test_it_comes_out_over_http(client: httpx.Client, name: str) -> None:
    jobs = json.loads((LESSONS / f"{name}.json").read_text())["jobs"]
    verdicts = judge(lessons()[name], {job: outcome(client, posted) for job, posted in jobs.items()})
    assert [verdict for verdict in verdicts if not verdict.is_met] == []


def outcome(client: httpx.Client, posted: dict[str, Any]) -> Outcome:
    job = ended(client, client.post("/v1/jobs", json=posted).raise_for_status().json())
    history = client.get(f"/v1/jobs/{job['id']}/history").json()
    validation = [loss for loss in history["validation_loss"] if loss is not None]
    return Outcome(job["stop_reason"], history["training_loss"], validation, history["gradient_norm"])
