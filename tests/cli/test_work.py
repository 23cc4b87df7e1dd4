"""The parts on real servers, as compose runs them: migrate, serve, work."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import Command, command, ended, gone, job, logged, serve, sha256, submit, until_epoch
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.timeout(300)

ENDLESS = 1_000_000


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of a command that ends by itself, and what it says."""
    with command(folder, *arguments, **environment) as started:
        output, _ = started.process.communicate(timeout=60)
        said = started.log.read_text()
        assert (output, "Traceback" in said) == ("", False), said
        return started.process.returncode, " ".join(said.split())


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, empty_postgres_url: str, redis_url: str) -> dict[str, str]:
    """Where database, broker and storage are, as compose tells its containers; the database has its tables."""
    folder = tmp_path_factory.mktemp("parts")
    (folder / "temporary").mkdir()
    named = {
        "DELTARULE_DATABASE_URL": empty_postgres_url,
        "DELTARULE_BROKER_URL": redis_url,
        "DELTARULE_STORAGE_URL": f"file://{folder / 'blobs'}",
        "DELTARULE_CHECKPOINT_SECONDS": "0.3",
        "DELTARULE_SWEEP_SECONDS": "0.5",
        "TMPDIR": str(folder / "temporary"),
    }
    for _ in range(2):
        assert run(folder, "migrate", **named) == (0, "The database's tables are those of this version.")
    return named


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[httpx.Client]:
    with serve(tmp_path_factory.mktemp("serve"), **environment) as (started, client):
        yield client
        assert started.end() == 0


def check(folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    return run(folder, "work", "--workers", "2", "--check", **environment)


def until_well(folder: Path, environment: dict[str, str], worker: Command) -> None:
    def well() -> bool:
        assert worker.process.poll() is None, worker.log.read_text()
        return check(folder, environment)[0] == 0

    wait_until(well, "the workers to be well")


def test_the_parts_train_together_and_a_worker_gives_its_job_back_when_it_is_stopped(
    tmp_path: Path, environment: dict[str, str], client: httpx.Client
) -> None:
    assert check(tmp_path, environment) == (1, "error: The worker1 of this machine does not run, or is stuck.")
    with command(tmp_path, "work", "--workers", "2", **environment) as worker:
        until_well(tmp_path, environment, worker)
        quick, endless = submit(client, 20), submit(client, ENDLESS)
        assert ended(client, quick)["status"] == "succeeded"
        assert sha256(client, quick)
        until_epoch(client, endless, 1)
        processes = worker.descendants()
        assert worker.end() == 0
        assert gone(*processes)
        waiting = job(client, endless)
        assert (waiting["status"], waiting["attempt"]) == ("queued", 0)
        lines = [line for line in logged(worker.log) if line.get("job_id") == endless]
        # The second may have taken it from the first before it was asked to stop too.
        assert {line["outcome"] for line in lines if line["event"] == "job ends"} == {"given back"}
    with command(tmp_path, "work", "--workers", "2", **environment) as worker:
        wait_until(lambda: job(client, endless)["status"] == "running", "the job to go on")
        for pid in worker.children("celery"):
            os.kill(pid, signal.SIGKILL)
        client.post(f"/v1/jobs/{endless}/cancel").raise_for_status()
        next_job = submit(client, 5)
        assert ended(client, next_job)["status"] == "succeeded", "killed workers are started again"
        assert worker.end() == 0


@pytest.mark.parametrize("name", ["migrate", "serve", "work"])
def test_a_setting_that_is_missing_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    code, said = run(tmp_path, name)
    assert code == 2
    assert "DELTARULE_DATABASE_URL is not set" in said
    assert "DELTARULE_BROKER_URL is not set" in said


def test_a_database_that_is_away_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    nowhere = {"DELTARULE_DATABASE_URL": f"postgresql://deltarule@127.0.0.1:{free_port()}/postgres"}
    code, said = run(tmp_path, "migrate", **environment | nowhere)
    assert code == 3
    assert "The database does not answer" in said
