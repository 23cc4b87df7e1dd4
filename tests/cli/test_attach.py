import json

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run
from tests.client.standin import EPOCHS, StandIn


@pytest.fixture
def job(service: str) -> str:
    with Client(service) as client:
        return client.submit({"dataset_id": "any", "name": "mine"}).id


def test_a_job_that_was_left_is_followed_to_its_end_and_told_as_training_tells_it(run: Run, job: str) -> None:
    result = run("follow", job)
    assert result.code == 0
    assert "epoch 4 of 5" in result.err
    assert f"Succeeded: {EPOCHS} epochs in 2.0 s" in result.out
    assert "best in epoch 4" in result.out
    assert "deltarule predict model-2 rows.csv" in result.err


def test_one_that_has_ended_is_told_at_once(run: Run, job: str) -> None:
    run("follow", job)
    result = run("follow", job)
    assert "Succeeded" in result.out
    assert "epoch 4 of 5" not in result.err


def test_one_that_failed_shows_how_far_it_came_and_why(run: Run, job: str, standin: StandIn) -> None:
    standin.ending = "failed"
    result = run("follow", job)
    assert result.code == 1
    assert "loss by epoch" in result.out
    assert "error: In epoch 3 the loss was no longer a number." in result.err


def test_as_json_it_is_the_job_and_its_model(run: Run, job: str) -> None:
    document = json.loads(run("follow", job, "--json").out)
    assert document["job"]["status"] == "succeeded"
    assert document["model"]["id"] == document["job"]["model_id"]
