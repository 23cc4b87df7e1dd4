"""The figures, each brought about by what it counts."""

import pytest
from sqlalchemy import update

from deltarule.store.attempts import Attempts
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.figures import Figures, figures
from deltarule.store.jobs import Jobs
from deltarule.store.leases import MOST_STALLED_ATTEMPTS
from deltarule.store.states import Status
from deltarule.store.sweeping import sweep
from deltarule.store.tables import JobRow
from deltarule.store.totals import DURATIONS
from tests.store.making import EXPIRED, LEASE_SECONDS, claimed, job, new_model, report


def test_of_nothing_everything_is_zero(database: Database) -> None:
    found = figures(database)
    assert set(found.jobs) == set(Status)
    assert {*found.jobs.values(), *found.moves.values()} == {0}
    assert found.oldest_queued_seconds == found.samples_per_second == found.epochs_per_second == 0
    assert {durations.count for durations in found.durations.values()} == {0}


def test_the_queue_has_a_length_and_an_age(database: Database) -> None:
    first, _ = job(database), job(database)
    with database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == first.id).values(created_at=from_now(-100)))
    found = figures(database)
    assert found.jobs[Status.QUEUED] == 2
    assert found.oldest_queued_seconds == pytest.approx(100, abs=20)


def test_ended_jobs_are_counted_by_how_long_they_took(database: Database) -> None:
    attempts = Attempts(database)
    for seconds in (0, 7, 100_000):
        claim = claimed(database)
        attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model())
        with database.write() as session:
            took = update(JobRow).where(JobRow.id == claim.job.id)
            session.execute(took.values(started_at=from_now(-seconds), finished_at=from_now(0)))
    Jobs(database).cancel(None, job(database).id)
    found = figures(database)
    succeeded = found.durations[Status.SUCCEEDED]
    assert (succeeded.count, succeeded.seconds) == (3, pytest.approx(100_007, abs=1))
    assert dict(zip(DURATIONS, succeeded.within, strict=True))[5] == 1
    assert dict(zip(DURATIONS, succeeded.within, strict=True))[10] == 2
    assert succeeded.within[-1] == 2
    # It was cancelled before anybody began it, and so took no time.
    assert found.jobs[Status.CANCELLED] == 1
    assert found.durations[Status.CANCELLED].count == 0


def test_rates_are_those_of_the_jobs_that_run(database: Database) -> None:
    for _ in range(2):
        Attempts(database).record(claimed(database).lease, report(1, 3), lease_seconds=LEASE_SECONDS)
    ended = claimed(database)
    Attempts(database).succeed(ended.lease, report(1, 3), stop_reason="epochs_done", model=new_model())
    claimed(database)
    found = figures(database)
    assert found.samples_per_second == 2000.0
    assert found.epochs_per_second == 2 / 0.5


def counted(found: Figures) -> dict[str, int]:
    return {name: count for name, count in found.moves.items() if count}


def test_what_becomes_of_jobs_whose_worker_was_lost_is_counted(database: Database) -> None:
    attempts = Attempts(database)
    lost = claimed(database, lease_seconds=EXPIRED)
    cancelling = claimed(database, lease_seconds=EXPIRED)
    Jobs(database).cancel(None, cancelling.job.id)
    sweep(database)
    assert counted(figures(database)) == {"lost_requeued": 1, "lost_cancelled": 1}
    assert attempts.claim(lost.job.id, "worker-2", EXPIRED)
    assert counted(figures(database)) == {"lost_requeued": 1, "lost_cancelled": 1, "taken_over": 1}
    for _ in range(MOST_STALLED_ATTEMPTS - 2):
        sweep(database)
        assert attempts.claim(lost.job.id, "worker-2", EXPIRED)
    sweep(database)
    assert figures(database).moves["lost_failed"] == 1
    assert figures(database).jobs[Status.FAILED] == 1


def test_a_worker_that_takes_over_by_itself_is_counted(database: Database) -> None:
    claim = claimed(database, lease_seconds=EXPIRED)
    assert Attempts(database).claim(claim.job.id, "worker-2", LEASE_SECONDS)
    assert counted(figures(database)) == {"lost_requeued": 1, "taken_over": 1}


def test_what_was_given_back_was_not_lost(database: Database) -> None:
    claim = claimed(database)
    Attempts(database).release(claim.lease)
    assert counted(figures(database)) == {"given_back": 1}
    assert Attempts(database).claim(claim.job.id, "worker-2", LEASE_SECONDS)
    assert counted(figures(database)) == {"given_back": 1}


def test_a_deadline_that_passed_unseen_is_counted(database: Database) -> None:
    claim = claimed(database)
    with database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == claim.job.id).values(deadline_at=from_now(-1)))
    sweep(database)
    assert counted(figures(database)) == {"out_of_time": 1}


def test_ordinary_lives_leave_no_such_mark(database: Database) -> None:
    attempts = Attempts(database)
    attempts.succeed(claimed(database).lease, stop_reason="epochs_done", model=new_model())
    attempts.fail(claimed(database).lease, stop_reason="diverged", error={})
    claim = claimed(database)
    Jobs(database).cancel(None, claim.job.id)
    attempts.cancelled(claim.lease)
    assert counted(figures(database)) == {}


def lives(database: Database) -> list[str]:
    """Jobs that add to every counter but `lost_failed`, and none that lives."""
    attempts, jobs = Attempts(database), Jobs(database)
    for seconds in (0, 7, 100_000):
        claim = claimed(database)
        attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model())
        with database.write() as session:
            ended = update(JobRow).where(JobRow.id == claim.job.id)
            session.execute(ended.values(started_at=from_now(-seconds), finished_at=from_now(0)))
    cancelling, requeued = claimed(database, lease_seconds=EXPIRED), claimed(database, lease_seconds=EXPIRED)
    late, given_back = claimed(database), claimed(database)
    jobs.cancel(None, cancelling.job.id)
    attempts.release(given_back.lease)
    with database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == late.job.id).values(deadline_at=from_now(-1)))
    sweep(database)
    again = attempts.claim(requeued.job.id, "worker-2", LEASE_SECONDS)
    assert again
    attempts.fail(again.lease, stop_reason="diverged", error={})
    jobs.cancel(None, given_back.job.id)
    return [job.id for job in jobs.page(None).items]


def test_nothing_that_was_counted_falls_when_its_job_is_removed(database: Database) -> None:
    lived = lives(database)
    before = figures(database)
    assert {name for name, count in before.moves.items() if not count} == {"lost_failed"}
    for identifier in lived:
        Jobs(database).remove(None, identifier)
    after = figures(database)
    assert after.moves == before.moves
    assert set(after.jobs.values()) == {0}
    for status, durations in before.durations.items():
        kept = after.durations[status]
        assert (kept.count, kept.within) == (durations.count, durations.within)
        assert kept.seconds == pytest.approx(durations.seconds, rel=1e-12)
    # A second round adds to what the first has left.
    assert len(lives(database)) == len(lived)
    twice = figures(database)
    assert twice.moves == {name: 2 * count for name, count in before.moves.items()}
    assert twice.durations[Status.SUCCEEDED].count == 2 * before.durations[Status.SUCCEEDED].count
