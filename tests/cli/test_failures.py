import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from deltarule.cli.failures import CommandError, Failure, failure_of
from deltarule.client import InvalidInput, JobFailed, NotFound, Refused, ServiceFault, UnexpectedAnswer, Unreachable
from deltarule.client.errors import Fault
from deltarule.store.errors import NotFound as NotStored
from deltarule.store.errors import Unavailable
from tests.cli.conftest import Run
from tests.client.standin import StandIn


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (CommandError("No.", "Do this.", 1), Failure("No.", "Do this.", 1)),
        (Unreachable("No.", "Start it."), Failure("No.", "Start it.", 3)),
        (UnexpectedAnswer("No."), Failure("No.", None, 3)),
        (ServiceFault("No."), Failure("No.", None, 3)),
        (JobFailed("job-1", "Diverged."), Failure("Diverged.", None, 1)),
        (InvalidInput("No."), Failure("No.", None, 2)),
        (NotFound(404, "No."), Failure("No.", None, 2)),
        (
            Refused(422, "No.", faults=[Fault("/a", "One."), Fault("", "Two.")]),
            Failure("No.", None, 2, ("/a: One.", "Two.")),
        ),
        (Refused(422, "One.", faults=[Fault("/a", "One.")]), Failure("One.", "The place is /a.", 2)),
        (Refused(422, "One.", faults=[Fault("", "One.")]), Failure("One.", None, 2)),
        (NotStored("key", "k"), Failure("There is no key with the id 'k'.", None, 2)),
        (Unavailable("The database does not answer."), Failure("The database does not answer.", None, 3)),
        (KeyboardInterrupt(), Failure("Interrupted.", None, 130)),
        (typer.Abort(), Failure("Interrupted.", None, 130)),
        (PermissionError(13, "Permission denied", "/model.npz"), Failure("/model.npz: Permission denied.", None, 2)),
        (OSError("odd"), Failure("odd.", None, 2)),
    ],
)
def test_each_failure_has_its_words_and_its_exit_code(error: BaseException, failure: Failure) -> None:
    assert failure_of(error) == failure


def test_a_mistake_of_our_own_is_said_with_its_place_and_without_a_traceback() -> None:
    try:
        _ = {}["missing"]  # type: ignore[var-annotated]
    except KeyError as error:
        failure = failure_of(error)
    assert failure.code == 1
    assert "KeyError: 'missing' (test_failures.py, line" in failure.sentence
    assert "report" in (failure.hint or "")


@pytest.mark.usefixtures("service")
def test_a_refused_job_names_every_fault(run: Run, table: Path) -> None:
    result = run("train", table, "--target", "nonsense")
    assert result.code == 2
    assert not result.out
    assert result.err.splitlines() == [
        "error: The job cannot be trained: 1 fault.",
        "  /target: There is no column 'nonsense'.",
    ]


def test_without_a_service_the_exit_code_is_three_and_says_what_to_start(run: Run) -> None:
    result = run("jobs", "--url", "http://127.0.0.1:1")
    assert result.code == 3
    assert result.err.splitlines() == [
        "error: No Deltarule service answers at http://127.0.0.1:1.",
        "hint: Start one with `deltarule up`, or set DELTARULE_URL to the address of one that runs.",
    ]


def test_a_reader_that_goes_away_is_no_failure(service: str, standin: StandIn) -> None:
    assert not standin.jobs
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "DELTARULE_URL": service}
    command = [sys.executable, "-m", "deltarule.cli.main", "jobs", "--json"]
    answer = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, text=True, check=False)
    os.close(writing)
    assert (answer.returncode, answer.stderr) == (0, "")
