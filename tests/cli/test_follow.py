from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from deltarule.cli import follow as following
from deltarule.cli.follow import follow
from deltarule.client import Client, Job, Unreachable
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal, terminal
from tests.client.standin import StandIn


@pytest.fixture
def endless(standin: StandIn, service: str, table: Path) -> Iterator[Terminal]:
    """A terminal that follows a job without end."""
    standin.endless = True
    with terminal("train", table, "--target", "species", DELTARULE_URL=service) as screen:
        screen.wait_for("epoch 4 of 5")
        yield screen


def test_control_c_can_cancel_the_job(endless: Terminal) -> None:
    endless.interrupt()
    endless.wait_for("Cancel the job (c), leave it running (l) or follow it further (f)?")
    endless.type("c\n")
    endless.wait_for("Cancelled: 4 epochs in 2.0 s.")
    assert endless.end() == 1


@pytest.mark.parametrize("answer", ["l\n", "\n"])
def test_control_c_can_leave_the_job_running(endless: Terminal, standin: StandIn, answer: str) -> None:
    endless.interrupt()
    endless.wait_for("follow it further (f)?")
    endless.type(answer)
    endless.wait_for("The job goes on.")
    endless.wait_for("deltarule follow job-2")
    assert endless.end() == 130
    assert standin.jobs["job-2"]["status"] == "running"


def test_control_c_can_be_taken_back(endless: Terminal, standin: StandIn) -> None:
    endless.interrupt()
    endless.wait_for("follow it further (f)?")
    endless.type("what\n")
    endless.wait_for("follow it further (f)?")
    endless.type("f\n")
    endless.wait_for("epoch 4 of 5")
    standin.endless = False
    endless.wait_for("Succeeded: 5 epochs")
    assert endless.end() == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort, EOFError])
def test_no_answer_leaves_the_job_running(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C once more, or a keyboard that is gone."""

    def prompt(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(typer, "prompt", prompt)
    assert following._asked() == following.LEAVE


def test_where_nobody_can_be_asked_the_job_is_left_running(
    standin: StandIn, service: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Job) -> Job:
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "_watch", interrupted)
    with Client(service) as client:
        client.submit({"dataset_id": "any"})
    result = run("job", "job-1", "--follow")
    assert result.code == 130
    assert "The job goes on." in result.err
    assert standin.jobs["job-1"]["status"] == "running"


def test_a_service_that_goes_away_for_good_does_not_take_the_job_along(
    service: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: Job) -> Job:
        raise Unreachable("No Deltarule service answers.", "Start one.")

    monkeypatch.setattr(following, "_watch", unreachable)
    with Client(service) as client:
        client.submit({"dataset_id": "any"})
    result = run("job", "job-1", "--follow")
    assert result.code == 3
    assert "hint: The job is kept; later, `deltarule follow job-1` shows how it went." in result.err


def test_following_ends_with_the_job(service: str) -> None:
    with Client(service) as client:
        assert follow(client.submit({"dataset_id": "any"})).status == "succeeded"
