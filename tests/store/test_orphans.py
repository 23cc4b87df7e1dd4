"""Workers that were seen to die: their jobs wait for no lease, and tell why."""

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from deltarule.store.leases import MOST_STALLED_ATTEMPTS
from deltarule.store.losses import CRASHED, KILLED
from deltarule.store.orphans import Orphans
from deltarule.store.records import Swept
from deltarule.store.states import Status, Verdict
from deltarule.store.sweeping import sweep
from tests.store.making import LEASE_SECONDS, claimed, job, new_model, report

OWNER = "worker1@host/1234/boot.space.5678"


@pytest.fixture
def orphans(database: Database) -> Orphans:
    return Orphans(database)


def test_the_job_of_a_dead_worker_waits_at_once_and_tells_why(
    database: Database, orphans: Orphans, attempts: Attempts, jobs: Jobs
) -> None:
    own, other = claimed(database, OWNER), claimed(database, "worker2@host/1235/boot.space.5679")
    assert orphans.lost(OWNER, KILLED) == Swept(ring=(own.job.id,), requeued=(own.job.id,))
    assert jobs.get(None, own.job.id).status is Status.QUEUED
    assert jobs.get(None, other.job.id).status is Status.RUNNING
    assert jobs.transitions(None, own.job.id)[-1].why == "worker worker1@host/1234 was killed (signal 9, SIGKILL)"
    assert jobs.transitions(None, own.job.id)[1].why == "taken by worker worker1@host/1234"
    assert attempts.record(own.lease, lease_seconds=60) is Verdict.STOP
    assert sweep(database).ring == (own.job.id,)


def test_who_holds_no_lease_has_lost_nothing(orphans: Orphans, database: Database, attempts: Attempts) -> None:
    own = claimed(database, OWNER)
    attempts.succeed(own.lease, stop_reason="epochs_done", model=new_model())
    assert orphans.lost(OWNER, KILLED) == Swept()
    assert orphans.shut_down(OWNER, KILLED) == Swept()


def test_a_job_that_kills_its_workers_fails_and_names_the_signal(
    database: Database, orphans: Orphans, attempts: Attempts, jobs: Jobs
) -> None:
    own = job(database)
    for number in range(1, MOST_STALLED_ATTEMPTS + 1):
        assert attempts.claim(own.id, OWNER, LEASE_SECONDS) is not None
        swept = orphans.lost(OWNER, KILLED if number < MOST_STALLED_ATTEMPTS else CRASHED)
    assert swept == Swept(failed=(own.id,))
    failed = jobs.get(None, own.id)
    assert (failed.status, failed.stop_reason, failed.attempt) == (Status.FAILED, "lost_too_often", 3)
    assert failed.error is not None
    assert failed.error["detail"].startswith(
        "The worker that trained this job was lost 3 times in a row without getting further; "
        "the last time it crashed with a segmentation fault (signal 11, SIGSEGV). Most likely"
    )


def test_a_worker_that_was_shut_down_amid_a_step_has_cost_no_attempt(
    database: Database, orphans: Orphans, attempts: Attempts, jobs: Jobs
) -> None:
    own = job(database)
    for _ in range(MOST_STALLED_ATTEMPTS + 1):
        claim = attempts.claim(own.id, OWNER, LEASE_SECONDS)
        assert claim is not None
        assert orphans.shut_down(OWNER, KILLED) == Swept(ring=(own.id,), requeued=(own.id,))
        assert attempts.record(claim.lease, lease_seconds=60) is Verdict.STOP
    waiting = jobs.get(None, own.id)
    assert (waiting.status, waiting.attempt) == (Status.QUEUED, 0)
    assert "shut down" in jobs.transitions(None, own.id)[-1].why


@pytest.mark.parametrize("end", ["lost", "shut_down"])
def test_a_worker_that_died_while_cancelling(
    database: Database, orphans: Orphans, attempts: Attempts, jobs: Jobs, end: str
) -> None:
    saved, early = claimed(database, OWNER), claimed(database, OWNER)
    attempts.record(saved.lease, report(1, 3, checkpoint=True), lease_seconds=LEASE_SECONDS)
    for claim in (saved, early):
        jobs.cancel(None, claim.job.id)
    swept = getattr(orphans, end)(OWNER, KILLED)
    assert swept == Swept(ring=(saved.job.id,), cancelled=(early.job.id,))


def test_the_owners_of_leases(database: Database, orphans: Orphans, attempts: Attempts) -> None:
    assert orphans.owners() == ()
    claimed(database, OWNER)
    ended = claimed(database, "other")
    assert orphans.owners() == ("other", OWNER)
    attempts.fail(ended.lease, stop_reason="diverged", error={})
    assert orphans.owners() == (OWNER,)
