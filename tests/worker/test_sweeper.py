"""The sweeper over real databases and a real broker: what is lost is found, and an outage is only waited for."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.doorbell import QUEUE, consumer_options, ringer
from deltarule.store.jobs import Jobs
from deltarule.store.records import Swept
from deltarule.store.schema import upgrade
from deltarule.store.states import Status
from tests import servers
from tests.servers import wait_until
from tests.store.making import EXPIRED, claimed, job, new_dataset
from worker.sweeper import Sweeper


@pytest.fixture
def broker_url(tmp_path: Path) -> str:
    return f"filesystem://{tmp_path / 'broker'}"


@pytest.fixture
def sweeper(database: Database, blobs: LocalBlobs, broker_url: str) -> Sweeper:
    return Sweeper(database, Jobs(database), Datasets(database, blobs), ringer(broker_url), seconds=0.01)


@contextmanager
def running(sweeper: Sweeper) -> Iterator[None]:
    sweeper.start()
    try:
        yield
    finally:
        sweeper.end()
        sweeper.join()


def heard(broker_url: str) -> list[str]:
    """The ids of the jobs that were rung for."""
    app = Celery(set_as_current=False)
    app.conf.update(consumer_options(broker_url))
    with app.connection_for_read() as connection, connection.SimpleQueue(QUEUE) as queue:
        messages = [queue.get_nowait() for _ in range(queue.qsize())]
        for message in messages:
            message.ack()
    return [message.payload[1]["job_id"] for message in messages]


def test_waiting_jobs_are_rung_for_once(database: Database, sweeper: Sweeper, broker_url: str) -> None:
    waiting = [job(database).id for _ in range(3)]
    assert sweeper.sweep() == Swept(ring=tuple(waiting))
    assert heard(broker_url) == waiting
    assert sweeper.sweep() == Swept()
    assert heard(broker_url) == []


def test_the_job_of_a_silent_worker_is_rung_for(database: Database, sweeper: Sweeper, broker_url: str) -> None:
    silent = claimed(database, lease_seconds=EXPIRED)
    assert sweeper.sweep().requeued == (silent.job.id,)
    assert heard(broker_url) == [silent.job.id]
    assert Jobs(database).get(None, silent.job.id).status is Status.QUEUED


def test_what_the_broker_did_not_take_is_rung_for_again(
    database: Database, blobs: LocalBlobs, tmp_path: Path, broker_url: str
) -> None:
    waiting = [job(database).id for _ in range(3)]
    sent: list[str] = []

    def takes_one(job_id: str) -> None:
        if sent:
            raise ConnectionError("the broker went away")
        sent.append(job_id)

    Sweeper(database, Jobs(database), Datasets(database, blobs), takes_one, seconds=1).sweep()
    assert sent == waiting[:1]
    Sweeper(database, Jobs(database), Datasets(database, blobs), ringer(broker_url), seconds=1).sweep()
    assert heard(broker_url) == waiting[1:]


def test_it_begins_at_once_and_goes_on(database: Database, sweeper: Sweeper) -> None:
    with running(sweeper):
        for _ in range(3):
            silent = claimed(database, lease_seconds=EXPIRED)
            jobs = Jobs(database)
            wait_until(lambda: jobs.get(None, silent.job.id).status is Status.QUEUED, "the job to be found")  # noqa: B023
    assert not sweeper.is_alive()


def test_it_forgets_bytes_that_no_dataset_describes(database: Database, blobs: LocalBlobs) -> None:
    cut_off = new_dataset(blobs)
    path = blobs.path(cut_off.blob_key)
    os.utime(path, (1, 1))
    with running(Sweeper(database, Jobs(database), Datasets(database, blobs), lambda _: None, seconds=3600)):
        wait_until(lambda: not path.exists(), "the bytes to be deleted")


def test_it_outlives_an_outage_of_the_database(blobs: LocalBlobs) -> None:
    with servers.postgresql() as server:
        upgrade(server.url)
        database, rung = Database(server.url), threading.Event()
        sweeps: list[None] = []

        class Counting(Sweeper):
            def sweep(self) -> Swept:
                sweeps.append(None)
                return super().sweep()

        with running(Counting(database, Jobs(database), Datasets(database, blobs), lambda _: rung.set(), seconds=0.01)):
            wait_until(lambda: sweeps, "the first sweep")
            server.stop()
            before = len(sweeps)
            wait_until(lambda: len(sweeps) > before + 1, "sweeps without a database")
            server.start()
            job(database)
            assert rung.wait(60)
        database.close()


def test_it_outlives_what_nobody_foresaw(database: Database, blobs: LocalBlobs) -> None:
    job(database)
    calls: list[str] = []

    class Odd(Jobs):
        def rung(self, *identifiers: str) -> None:
            calls.append("rung")
            raise RuntimeError("nobody foresaw this")

    with running(Sweeper(database, Odd(database), Datasets(database, blobs), lambda _: None, seconds=0.01)):
        wait_until(lambda: len(calls) >= 3, "the sweeper to go on")
