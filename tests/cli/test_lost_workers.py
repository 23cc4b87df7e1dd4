"""Workers that die or hang under `deltarule up`, with leases so long that only who saw it can know: real kills."""

import os
import signal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from tests.cli.processes import Command, ended, gone, history, job, sha256, submit, until_epoch, up
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(300)

ENDLESS = 1_000_000
LONG_LEASES = {"DELTARULE_LEASE_SECONDS": "3600", "DELTARULE_SWEEP_SECONDS": "0.5"}
CHECKPOINTS = {"DELTARULE_CHECKPOINT_SECONDS": "0.3"}
NO_CHECKPOINTS = {"DELTARULE_CHECKPOINT_SECONDS": "3600"}


def worker_of(started: Command) -> int:
    """The one worker; waits until it is there."""
    wait_until(lambda: len(started.children("celery")) == 1, "a worker")
    return started.children("celery")[0]


def running(client: httpx.Client, identifier: str, attempt: int) -> None:
    def so() -> bool:
        now = job(client, identifier)
        return (now["status"], now["attempt"]) == ("running", attempt) and now["progress"]["epoch"] > 0

    wait_until(so, f"attempt {attempt} to run")


def reasons(client: httpx.Client, identifier: str) -> list[str]:
    return [move["why"] for move in job(client, identifier)["transitions"]]


def test_the_job_of_a_killed_worker_goes_on_at_once_and_says_why(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        os.kill(worker_of(started), signal.SIGKILL)
        running(client, identifier, attempt=2)
        assert any("was killed (signal 9, SIGKILL)" in why for why in reasons(client, identifier))


def test_a_job_that_kills_its_workers_fails_and_names_the_signal(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **NO_CHECKPOINTS) as (started, client):
        poison = submit(client, ENDLESS)
        for attempt in (1, 2, 3):
            running(client, poison, attempt)
            os.kill(worker_of(started), signal.SIGSEGV)
        failed = ended(client, poison)
        assert (failed["status"], failed["stop_reason"], failed["attempt"]) == ("failed", "lost_too_often", 3)
        assert "segmentation fault (signal 11, SIGSEGV)" in failed["error"]["detail"]
        assert failed["progress"]["eta_seconds"] is None
        neighbour = submit(client, 5)
        assert ended(client, neighbour)["status"] == "succeeded"


def test_a_worker_that_hangs_is_ended_and_its_job_goes_on(tmp_path: Path) -> None:
    hasty = {"DELTARULE_STALL_SECONDS": "3"}
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS, **hasty) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        hanging = worker_of(started)
        os.kill(hanging, signal.SIGSTOP)
        running(client, identifier, attempt=2)
        assert worker_of(started) != hanging
        assert any("did not get on" in why for why in reasons(client, identifier))


def test_a_job_lost_while_cancelling_keeps_history_and_weights(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        checkpointed = Database(f"sqlite:///{tmp_path / 'data' / 'deltarule.sqlite3'}")
        wait_until(lambda: has_checkpoint(checkpointed), "a checkpoint")
        checkpointed.close()
        worker = worker_of(started)
        os.kill(worker, signal.SIGSTOP)
        client.post(f"/v1/jobs/{identifier}/cancel").raise_for_status()
        os.kill(worker, signal.SIGKILL)
        assert ended(client, identifier)["status"] == "cancelled"
        assert sha256(client, identifier)
        assert history(client, identifier)["epoch"]


def test_a_worker_that_cannot_look_up_at_a_shutdown_costs_no_attempt(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        os.kill(worker_of(started), signal.SIGSTOP)
        assert started.end() == 0
    database = Database(f"sqlite:///{tmp_path / 'data' / 'deltarule.sqlite3'}")
    waiting = Jobs(database).get(None, identifier)
    database.close()
    assert (waiting.status, waiting.attempt) == ("queued", 0)


def test_what_a_killed_supervisor_left_behind_is_found_at_the_next_start(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS) as (started, client):
        identifier = submit(client, ENDLESS)
        until_epoch(client, identifier, 1)
        processes = started.descendants()
        # Not even the worker can say that it goes.
        for pid in (worker_of(started), started.process.pid):
            os.kill(pid, signal.SIGSTOP)
        for pid in (started.process.pid, *processes):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: gone(*processes), "every process to end")
    with up(tmp_path, "--workers", "1", **LONG_LEASES, **CHECKPOINTS) as (started, client):
        running(client, identifier, attempt=2)
        assert any("was gone" in why for why in reasons(client, identifier))


def has_checkpoint(database: Database) -> bool:
    with database.read() as session:
        return bool(session.scalar(text("SELECT count(*) FROM checkpoints")))


def test_a_job_that_takes_too_much_memory_fails_with_words_and_its_worker_lives_on(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "1", **LONG_LEASES, DELTARULE_WORKER_MEMORY_BYTES=str(256 * 1024 * 1024)) as (
        started,
        client,
    ):
        small = submit(client, 5)
        assert ended(client, small)["status"] == "succeeded"
        worker = worker_of(started)
        dataset_id = job(client, small)["spec"]["dataset_id"]
        network = {"layers": [{"units": 4000}, {"units": 4000}, {"activation": "identity"}]}
        large = client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "y", "network": network})
        failed = ended(client, large.raise_for_status().json()["id"])
        assert (failed["stop_reason"], failed["attempt"]) == ("out_of_memory", 1)
        assert "smaller network" in failed["error"]["detail"]
        assert ended(client, submit(client, 5))["status"] == "succeeded"
        assert worker_of(started) == worker
