"""`--local` as a user meets it: no service is there, one comes with the command, and goes with it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.cli.supervision.presence import address_of
from tests.cli.processes import Command, command, command_line, gone, up
from tests.cli.terminal import terminal
from tests.servers import wait_until

PENGUINS = Path(__file__).parent.parent.parent / "examples" / "penguins.csv"
ENDLESS = ("--epochs", "1000000", "--patience", "0")
SECONDS = 240
"""For a service to start and a worker to be ready, on a machine that has much else to do."""

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("local")]


def deltarule(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DELTARULE_DATA": str(data)}
    command = [sys.executable, "-m", "deltarule.cli.main", *map(str, arguments), "--local"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def processes(data: Path) -> list[int]:
    """The services that were started for a command in this folder, and all that these have started."""
    named = [int(each.name) for each in Path("/proc").glob("[0-9]*") if f"DELTARULE_DATA={data}" in _environment(each)]
    return [pid for pid in named if "deltarule" in command_line(pid) or "celery" in command_line(pid)]


def _environment(process: Path) -> str:
    try:
        return (process / "environ").read_text(errors="replace").replace("\0", "\n") + "\n"
    except OSError:
        return ""


def test_a_table_becomes_a_model_that_predicts_and_nothing_is_left_running(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trained = deltarule(data, "train", PENGUINS, "--target", "species", "--epochs", "20", "--seed", "3", "--json")
    assert trained.returncode == 0, trained.stderr
    model = json.loads(trained.stdout)["model"]
    assert processes(data) == []
    predicted = deltarule(data, "predict", model["id"], PENGUINS)
    assert predicted.returncode == 0, predicted.stderr
    assert len(predicted.stdout.splitlines()) == 345
    assert processes(data) == []
    with up(tmp_path, "--workers", "1") as (_, client):
        # A service that runs there is used, and is not ended; the same job gives the same bits.
        again = deltarule(data, "train", PENGUINS, "--target", "species", "--epochs", "20", "--seed", "3", "--json")
        assert json.loads(again.stdout)["model"]["sha256"] == model["sha256"]
        assert {each["id"] for each in client.get("/v1/models").json()["items"]} >= {model["id"]}
        assert client.get("/readyz").is_success


def test_control_c_can_leave_the_job_for_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with terminal("train", PENGUINS, "-t", "species", *ENDLESS, "--local", DELTARULE_DATA=str(data)) as screen:
        screen.wait_for("of 1000000", SECONDS)
        screen.interrupt()
        screen.wait_for("follow it further (f)?")
        screen.type("l\n")
        screen.wait_for("The job is kept for later.")
        assert screen.end() == 130
    assert processes(data) == []
    (job,) = json.loads(deltarule(data, "jobs", "--json").stdout)
    assert job["status"] in ("queued", "running")
    assert json.loads(deltarule(data, "cancel", job["id"], "--json").stdout)["status"] != "queued"


def test_a_killed_command_takes_its_service_along(tmp_path: Path) -> None:
    data = tmp_path / "data"
    started: Command
    with command(
        tmp_path, "train", str(PENGUINS), "-t", "species", *ENDLESS, "--local", DELTARULE_DATA=str(data)
    ) as started:
        wait_until(lambda: "epoch " in started.log.read_text(), "the first epoch")
        assert address_of(data)
        running = processes(data)
        started.process.send_signal(signal.SIGKILL)
        wait_until(lambda: gone(*running), "the service to end")
    assert address_of(data) is None


def test_a_service_stays_for_as_long_as_somebody_uses_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with command(
        tmp_path, "train", str(PENGUINS), "-t", "species", *ENDLESS, "--local", DELTARULE_DATA=str(data)
    ) as started:
        wait_until(lambda: "epoch " in started.log.read_text(), "the first epoch")
        running = processes(data)
        (job,) = json.loads(deltarule(data, "jobs", "--json").stdout)
        assert job["status"] == "running"
        assert not gone(*running)
        assert started.end(signal.SIGINT) == 130
        assert gone(*running)


def test_what_keeps_it_from_starting_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = deltarule(tmp_path / "file", "models")
    assert answer.returncode == 2
    assert f"The data folder {tmp_path / 'file'} cannot be used" in answer.stderr
    (tmp_path / "data" / "deltarule.sqlite3").mkdir(parents=True)
    answer = deltarule(tmp_path / "data", "models")
    assert answer.returncode != 0
    assert answer.stderr.startswith("error: ")
    assert "Traceback" not in answer.stderr
