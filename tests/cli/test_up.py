"""`deltarule up` as a user starts it: real processes, real signals, real kills."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import (
    Command,
    children,
    command,
    ended,
    enough_epochs,
    gone,
    history,
    job,
    logged,
    sha256,
    submit,
    until_epoch,
    up,
)
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(300)

IMPATIENT = {"DELTARULE_LEASE_SECONDS": "2", "DELTARULE_HEARTBEAT_SECONDS": "0.3", "DELTARULE_SWEEP_SECONDS": "0.5"}
CHECKPOINTS = {"DELTARULE_CHECKPOINT_SECONDS": "0.3", "DELTARULE_LOG_FORMAT": "json"}
ENDLESS = 1_000_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Command, httpx.Client]]:
    with up(tmp_path_factory.mktemp("up"), "--workers", "2", **IMPATIENT, **CHECKPOINTS) as started:
        yield started


def test_a_job_is_trained_and_its_log_lines_name_it(running: tuple[Command, httpx.Client]) -> None:
    started, client = running
    identifier = submit(client, 20)
    done = ended(client, identifier)
    assert (done["status"], done["attempt"]) == ("succeeded", 1)
    assert history(client, identifier)["epoch"] == list(range(1, 21))
    lines = [line for line in logged(started.log) if line.get("job_id") == identifier and "attempt" in line]
    assert [line["event"] for line in lines] == ["job begins", "job ends"]
    assert {line["attempt"] for line in lines} == {1}


def test_a_running_job_is_cancelled_and_keeps_what_it_has(running: tuple[Command, httpx.Client]) -> None:
    _, client = running
    identifier = submit(client, ENDLESS)
    until_epoch(client, identifier, 1)
    client.post(f"/v1/jobs/{identifier}/cancel").raise_for_status()
    cancelled = ended(client, identifier)
    assert cancelled["status"] == "cancelled"
    assert sha256(client, identifier)
    epochs = history(client, identifier)["epoch"]
    # Of very many epochs not all are kept.
    assert epochs[0] == 1
    assert epochs == sorted(set(epochs))


def test_a_worker_killed_in_mid_job_costs_only_time(running: tuple[Command, httpx.Client]) -> None:
    started, client = running
    epochs = enough_epochs(client)
    calm = submit(client, epochs)
    assert ended(client, calm)["status"] == "succeeded"
    stormy = submit(client, epochs)
    until_epoch(client, stormy, 1)
    workers = started.children("celery")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    done = ended(client, stormy)
    assert (done["status"], done["attempt"]) == ("succeeded", 2)
    assert history(client, stormy)["training_loss"] == history(client, calm)["training_loss"]
    assert sha256(client, stormy) == sha256(client, calm)
    wait_until(lambda: len(started.children("celery")) == len(workers), "as many workers as before")
    assert not set(workers) & set(started.children("celery"))


def test_a_killed_service_is_started_again_while_requests_wait(running: tuple[Command, httpx.Client]) -> None:
    started, client = running
    (service,) = started.children("gunicorn")
    processes = (service, *children(service))
    os.kill(service, signal.SIGKILL)
    wait_until(lambda: gone(*processes), "the service and what it has started to end")
    assert httpx.get(client.base_url.join("/readyz"), timeout=70).status_code == httpx.codes.OK
    assert service not in started.children("gunicorn")


def test_a_second_start_goes_on_where_the_first_was_stopped(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **CHECKPOINTS) as (started, client):
        epochs = enough_epochs(client)
        calm = submit(client, epochs)
        assert ended(client, calm)["status"] == "succeeded"
        stopped = submit(client, epochs)
        until_epoch(client, stopped, 1)
        waiting = submit(client, 5)
        processes = started.descendants()
        assert len(processes) >= 3
        assert started.end(signal.SIGTERM) == 0
        assert gone(*processes)
    with up(tmp_path, "--workers", "1", **CHECKPOINTS) as (started, client):
        done = ended(client, stopped)
        assert (done["status"], done["attempt"]) == ("succeeded", 1), "the attempt was given back"
        assert history(client, stopped)["training_loss"] == history(client, calm)["training_loss"]
        assert sha256(client, stopped) == sha256(client, calm)
        assert ended(client, waiting)["status"] == "succeeded"
        resumed = [line["resumes_after_epoch"] for line in logged(started.log) if line.get("event") == "job begins"]
        assert resumed[0] >= 1
        processes = started.descendants()
        assert started.end(signal.SIGINT) == 0
        assert gone(*processes)


def test_nothing_outlives_a_killed_parent_and_the_folder_is_free_again(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with up(tmp_path, "--workers", "1", TMPDIR=str(elsewhere), **CHECKPOINTS) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        processes = started.descendants()
        started.process.kill()
        wait_until(lambda: gone(*processes), "every process to end")
    with up(tmp_path, "--workers", "1", **CHECKPOINTS) as (_, client):
        assert job(client, identifier)["attempt"] <= 1, "the worker gave its job back before it went"
        client.post(f"/v1/jobs/{identifier}/cancel").raise_for_status()
        assert ended(client, identifier)["status"] == "cancelled"
    assert list(elsewhere.rglob("*")) == [], "temporary files too are kept in the data folder"


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """What the command says that ends at once with code 2 and prints nothing."""
    with command(folder, "up", *arguments, **environment) as started:
        output, _ = started.process.communicate(timeout=60)
        said = started.log.read_text()
        assert (started.process.returncode, output) == (2, ""), said
    assert "Traceback" not in said
    return " ".join(said.split())


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port} of 127.0.0.1 is taken by another program." in refused(
            tmp_path, "--port", port, "--data", "data"
        )


def test_a_folder_in_use_is_told_in_one_sentence(running: tuple[Command, httpx.Client], tmp_path: Path) -> None:
    started, client = running
    folder = started.log.parent / "data"
    said = refused(tmp_path, "--port", "0", "--data", str(folder))
    assert f"The data folder {folder} is in use by another `deltarule up` (process {started.process.pid})." in said
    assert client.get("/readyz").status_code == httpx.codes.OK


def test_a_folder_that_is_none_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused(tmp_path, "--port", "0", "--data", "file")
    assert f"The data folder {tmp_path / 'file'} cannot be used: there is a file of that name." in said


def test_a_setting_that_is_wrong_is_told_in_one_sentence(tmp_path: Path) -> None:
    said = refused(tmp_path, "--port", "0", "--data", "data", DELTARULE_LEASE_SECONDS="never")
    assert "DELTARULE_LEASE_SECONDS is 'never'" in said
    assert not (tmp_path / "data").exists()
