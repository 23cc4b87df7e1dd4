import json
from collections.abc import Iterator

import pytest

from deltarule.cli.history import SHOWN, _some
from deltarule.client import Client, Epoch, Job
from tests.cli.conftest import Run


@pytest.fixture
def job(service: str) -> Iterator[Job]:
    with Client(service) as client:
        yield client.submit({"dataset_id": "any"})


def test_the_history_is_a_table_of_epochs(run: Run, job: Job) -> None:
    job.wait()
    lines = [line.split() for line in run("history", job.id).out.splitlines()]
    assert lines[1] == ["1", "1.000", "1.000", "0.01", "0.5"]
    assert len(lines) == 6


def test_a_long_history_is_shown_in_part_from_the_first_epoch_to_the_last() -> None:
    epochs = [Epoch(number, 0.0, 0.0, 0.1, 1.0, ()) for number in range(1, 1001)]
    numbers = [epoch.number for epoch in _some(epochs)]
    assert (numbers[0], numbers[-1], len(set(numbers))) == (1, 1000, SHOWN)


def test_csv_and_json_have_every_epoch(run: Run, job: Job) -> None:
    job.wait()
    assert run("history", job.id, "--csv").out.splitlines()[:2] == ["epoch,training_loss", "1,1.0"]
    assert json.loads(run("history", job.id, "--json").out)["epoch"] == [1, 2, 3, 4, 5]


def test_the_curve_is_drawn(run: Run, job: Job) -> None:
    job.wait()
    drawn = run("history", job.id, "--plot").out
    assert "best in epoch 4" in drawn
    assert "•" in drawn
    assert max(len(line) for line in drawn.splitlines()) <= 80
    assert "\x1b" not in drawn


def test_a_job_without_epochs_says_so(run: Run, job: Job) -> None:
    result = run("history", job.id)
    assert (result.code, result.out) == (0, "")
    assert result.err == f"Job {job.id} is running and has trained no epoch yet.\n"


def test_small_losses_stay_apart_on_a_logarithmic_axis(run: Run, job: Job) -> None:
    job.wait()
    drawn = run("history", job.id, "--log").out
    assert [line.split("┤")[0].strip() for line in drawn.splitlines() if "┤" in line] == ["1", "0.5", "0.2"]
