"""Dead workers of this machine, over real databases and real processes: their jobs wait again at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deltarule.cli.supervision import Death, LostWorkers
from deltarule.cli.supervision.identity import Identity, named
from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from deltarule.store.losses import KILLED
from deltarule.store.schema import upgrade
from deltarule.store.states import Status
from tests import servers
from tests.store.making import claimed


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as started:
        yield started
        started.kill()


def identity(process: subprocess.Popen[bytes]) -> Identity:
    return Identity.of(named("worker1"), process.pid)


def killed(process: subprocess.Popen[bytes]) -> Death:
    who = identity(process)
    process.kill()
    return Death(who, process.wait(), KILLED)


def test_its_job_waits_at_once(database: Database, process: subprocess.Popen[bytes]) -> None:
    lost, jobs = LostWorkers(database), Jobs(database)
    lost.look()
    own = claimed(database, str(identity(process)))
    assert lost.mourn(killed(process), False), "it had been at work"
    assert jobs.get(None, own.job.id).status is Status.QUEUED
    assert "signal 9" in jobs.transitions(None, own.job.id)[-1].why


def test_one_without_a_job_leaves_nothing(database: Database, process: subprocess.Popen[bytes]) -> None:
    claimed(database, "worker1@elsewhere/1/a.b.c")
    assert not LostWorkers(database).mourn(killed(process), False)


def test_one_that_is_ended_amid_a_step_gives_its_attempt_back(
    database: Database, process: subprocess.Popen[bytes]
) -> None:
    own = claimed(database, str(identity(process)))
    assert LostWorkers(database).mourn(killed(process), True)
    waiting = Jobs(database).get(None, own.job.id)
    assert (waiting.status, waiting.attempt) == (Status.QUEUED, 0)


def test_those_whose_supervisor_died_with_them_are_found_at_the_start(
    database: Database, process: subprocess.Popen[bytes]
) -> None:
    living = claimed(database, str(Identity.of(named("worker2"), os.getpid())))
    elsewhere = claimed(database, "worker1@elsewhere/1/00000000.1.1")
    strange = claimed(database, "somebody")
    dead = claimed(database, str(identity(process)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    LostWorkers(database).look()
    jobs = Jobs(database)
    assert jobs.get(None, dead.job.id).status is Status.QUEUED
    assert jobs.get(None, living.job.id).status is Status.RUNNING
    assert jobs.get(None, strange.job.id).status is Status.RUNNING
    # SQLite serves one machine: a lease from before its last start is nobody's.
    expected = Status.QUEUED if database.is_sqlite else Status.RUNNING
    assert jobs.get(None, elsewhere.job.id).status is expected


def test_while_the_database_is_away_it_is_tried_again(process: subprocess.Popen[bytes]) -> None:
    with servers.postgresql() as server:
        upgrade(server.url)
        database = Database(server.url)
        lost, jobs = LostWorkers(database), Jobs(database)
        own = claimed(database, str(identity(process)))
        server.stop()
        lost.look()
        assert not lost.mourn(killed(process), False)
        lost.chore.do()
        server.start()
        lost.chore.do()
        lost.chore.do()
        assert jobs.get(None, own.job.id).status is Status.QUEUED
        assert not lost.mourn(Death(Identity.of("worker1", os.getpid()), 0, KILLED), True)
        database.close()
