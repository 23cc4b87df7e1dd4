"""A worker that hears nothing leaves; one that works, or whose jobs others have taken, stays."""

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from tests.store.making import job
from worker.deafness import DEAF_SECONDS, Deafness


class Worker:
    """A worker, idle since second 0, and what becomes of it."""

    def __init__(self, database: Database) -> None:
        self.now, self.left = 1.0, 0
        self.idle_since: float | None = 0.0
        self.deafness = Deafness(database, lambda: self.idle_since, self._leave, lambda: self.now)

    def _leave(self) -> None:
        self.left += 1

    def look(self, seconds: float) -> int:
        """How often it has left once so much time has gone by."""
        self.now += seconds
        self.deafness.look()
        return self.left


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(database)


def test_it_leaves_when_its_ring_is_not_heard(database: Database, worker: Worker) -> None:
    worker.deafness.rung(job(database).id)
    assert worker.look(DEAF_SECONDS - 1) == 0
    assert worker.look(1) == 1
    assert worker.look(DEAF_SECONDS) == 1, "once is enough"


def test_ringing_again_does_not_start_from_the_beginning(database: Database, worker: Worker) -> None:
    waiting = job(database).id
    worker.deafness.rung(waiting)
    assert worker.look(DEAF_SECONDS - 1) == 0
    worker.deafness.rung(waiting)
    assert worker.look(1) == 1


def test_who_was_heard_by_another_worker_is_forgotten(database: Database, worker: Worker) -> None:
    taken = job(database).id
    worker.deafness.rung(taken)
    assert Attempts(database).claim(taken, "worker-2", 60) is not None
    assert worker.look(DEAF_SECONDS) == 0
    assert worker.look(DEAF_SECONDS) == 0


@pytest.mark.parametrize("heard", [None, 30.0])
def test_one_that_works_or_has_heard_something_stays(database: Database, worker: Worker, heard: float | None) -> None:
    worker.deafness.rung(job(database).id)
    worker.idle_since = heard
    assert worker.look(DEAF_SECONDS) == 0
    assert worker.look(DEAF_SECONDS) == 0


def test_with_nothing_rung_there_is_nothing_to_hear(worker: Worker) -> None:
    assert worker.look(10 * DEAF_SECONDS) == 0
