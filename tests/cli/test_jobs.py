import json
from collections.abc import Iterator

import pytest

from deltarule.client import Client, Job
from tests.cli.conftest import Run
from tests.client.standin import StandIn


@pytest.fixture
def job(service: str) -> Iterator[Job]:
    with Client(service) as client:
        yield client.submit({"dataset_id": "any", "name": "mine", "target": ["a", "b"]})


@pytest.mark.usefixtures("service")
def test_no_jobs_are_said_and_not_shown_as_an_empty_table(run: Run) -> None:
    result = run("jobs")
    assert (result.code, result.out) == (0, "")
    assert "There are no such jobs" in result.err
    assert json.loads(run("jobs", "--json").out) == []


def test_jobs_are_listed_newest_first(run: Run, service: str) -> None:
    with Client(service) as client:
        for number in range(3):
            client.submit({"dataset_id": "any", "name": f"number {number}"})
    lines = run("jobs").out.splitlines()
    assert lines[0].split() == ["id", "status", "epoch", "made", "name"]
    assert [line.rstrip()[-8:] for line in lines[1:]] == ["number 2", "number 1", "number 0"]
    assert len(json.loads(run("jobs", "--json", "--limit", "2").out)) == 2
    assert json.loads(run("jobs", "--json", "--status", "failed").out) == []


def test_a_job_shows_where_it_stands(run: Run, job: Job) -> None:
    job.wait()
    shown = run("job", job.id).out
    for told in (
        "succeeded – every epoch trained",
        "a, b",
        "4 relu → 2 softmax, adam at 0.01, batches of 32",
        "epoch 5 of 5, 81.2k rows/s, in 2.0 s",
        "training loss 0.2500",
        "! Column bill is far larger",
        job.answer.model_id or "",
        "queued",
        "posted",
    ):
        assert told in shown


def test_a_running_job_says_how_long_it_will_take(run: Run, job: Job, standin: StandIn) -> None:
    standin.endless = True
    for _ in range(2):
        job.refresh()
    assert "epoch 4 of 5, 81.2k rows/s, 3.1 s left" in run("job", job.id).out


def test_a_failed_job_shows_its_error(run: Run, job: Job, standin: StandIn) -> None:
    standin.ending = "failed"
    assert run("job", job.id, "--follow").code == 1
    shown = run("job", job.id)
    assert shown.code == 0
    assert "failed – stopped when the loss was no longer a number" in shown.out
    assert "Use a smaller learning rate." in shown.out


def test_a_job_as_json_is_the_services_own_answer(run: Run, job: Job, standin: StandIn) -> None:
    document = json.loads(run("job", job.id, "--json").out)
    assert document == standin.jobs[job.id]


def test_following_ends_with_the_job_and_shows_it(run: Run, job: Job) -> None:
    result = run("job", job.id, "--follow", "--json")
    assert result.code == 0
    assert json.loads(result.out)["status"] == "succeeded"
    assert "epoch 5 of 5" in result.err


def test_a_running_job_is_cancelled(run: Run, job: Job) -> None:
    result = run("cancel", job.id)
    assert (result.code, result.err) == (0, f"Job {job.id} is cancelled.\n")
    assert json.loads(run("cancel", job.id, "--json").out)["status"] == "cancelled"


def test_cancelling_what_has_ended_says_so(run: Run, job: Job) -> None:
    job.wait()
    result = run("cancel", job.id)
    assert (result.code, result.err) == (0, f"Job {job.id} has ended before: it is succeeded.\n")


@pytest.mark.usefixtures("service")
def test_an_unknown_job_is_wrong_usage(run: Run) -> None:
    result = run("job", "nothing")
    assert (result.code, result.err) == (2, "error: There is no job with the id 'nothing'.\n")
