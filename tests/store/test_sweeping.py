import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from deltarule.store import sweeping
from deltarule.store.attempts import Attempts
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.jobs import RING_SECONDS, Jobs
from deltarule.store.leases import MOST_STALLED_ATTEMPTS, OVERTIME_SECONDS, PREPARING_SECONDS
from deltarule.store.records import Report, Swept
from deltarule.store.states import Status, Verdict
from deltarule.store.sweeping import ADVISORY_LOCK, sweep
from deltarule.store.tables import CheckpointRow, JobRow
from tests.store.making import EXPIRED, LEASE_SECONDS, claimed, job, new_model, report


def test_there_is_nothing_to_sweep(database: Database) -> None:
    assert sweep(database) == Swept()


def test_jobs_in_good_hands_are_left_alone(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    running, cancelling, done = claimed(database), claimed(database), claimed(database)
    jobs.cancel(None, cancelling.job.id)
    attempts.succeed(done.lease, stop_reason="epochs_done", model=new_model())
    cancelled = job(database)
    jobs.cancel(None, cancelled.id)
    rung = job(database)
    jobs.rung(rung.id)
    before = jobs.page(None)
    assert sweep(database) == Swept()
    assert jobs.page(None) == before
    assert attempts.record(running.lease, lease_seconds=60) is Verdict.GO_ON


def test_a_job_nobody_rang_for_is_rung_for_until_somebody_did(database: Database, jobs: Jobs) -> None:
    own = job(database)
    assert sweep(database) == Swept(ring=(own.id,))
    assert sweep(database) == Swept(ring=(own.id,)), "the broker may have been away"
    jobs.rung(own.id)
    assert sweep(database) == Swept()


def test_only_the_head_of_a_long_queue_is_rung_for(
    database: Database, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "FOLLOWING", 3)
    waiting = [job(database).id for _ in range(5)]
    assert list(sweep(database).ring) == waiting[:3]
    jobs.rung(*waiting[:3])
    assert sweep(database).ring == (), "the messages of the others are most likely in the broker, behind those"
    jobs.cancel(None, waiting[0])
    assert list(sweep(database).ring) == [waiting[3]]


def test_a_silent_workers_job_is_queued_again(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    silent = claimed(database)
    attempts.record(silent.lease, report(1, 3, checkpoint=True), lease_seconds=EXPIRED)
    assert sweep(database) == Swept(ring=(silent.job.id,), requeued=(silent.job.id,))
    own = jobs.get(None, silent.job.id)
    assert (own.status, own.attempt, own.finished_at) == (Status.QUEUED, 1, None)
    last = jobs.transitions(None, own.id)[-1]
    assert (last.source, last.target, last.attempt) == (Status.RUNNING, Status.QUEUED, 1)
    assert "silent" in last.why
    fresh = attempts.claim(own.id, "worker-2", LEASE_SECONDS)
    assert fresh is not None
    assert (fresh.lease.attempt, fresh.checkpoint) == (2, report(1, 3, checkpoint=True).checkpoint)


@pytest.mark.parametrize("how", ["lost", "given back"])
def test_a_job_that_comes_back_is_rung_for_at_once_and_as_if_for_the_first_time(
    database: Database, attempts: Attempts, jobs: Jobs, how: str
) -> None:
    own = job(database)
    for _ in range(5):
        jobs.rung(own.id)
    claim = attempts.claim(own.id, "worker", EXPIRED if how == "lost" else LEASE_SECONDS)
    assert claim is not None
    if how == "given back":
        attempts.release(claim.lease)
    assert sweep(database).ring == (own.id,)
    jobs.rung(own.id)
    with database.read() as session:
        ring_at = session.scalars(select(JobRow.ring_at)).one()
    assert ring_at - database.now() < timedelta(seconds=RING_SECONDS[0] + 1)


def test_a_cancel_that_a_silent_worker_will_not_carry_out(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    silent = claimed(database)
    attempts.record(silent.lease, report(1, 3), lease_seconds=EXPIRED)
    jobs.cancel(None, silent.job.id)
    assert sweep(database) == Swept(cancelled=(silent.job.id,))
    own = jobs.get(None, silent.job.id)
    assert (own.status, own.stop_reason) == (Status.CANCELLED, "cancelled")
    assert own.finished_at is not None
    assert len(jobs.history(None, own.id)) == 3
    assert jobs.transitions(None, own.id)[-1].why == "worker worker-1 fell silent until its lease ran out"
    assert not attempts.cancelled(silent.lease, model=new_model())


def test_a_job_lost_while_cancelling_is_ended_by_another_worker_with_the_model_of_its_checkpoint(
    database: Database, attempts: Attempts, jobs: Jobs
) -> None:
    silent = claimed(database)
    attempts.record(silent.lease, report(1, 3, checkpoint=True), lease_seconds=EXPIRED)
    jobs.cancel(None, silent.job.id)
    assert sweep(database) == Swept(ring=(silent.job.id,))
    assert jobs.get(None, silent.job.id).status is Status.CANCELLING
    assert sweep(database) == Swept(ring=(silent.job.id,)), "until a message went out"
    jobs.rung(silent.job.id)
    assert sweep(database) == Swept()
    assert not attempts.cancelled(silent.lease, model=new_model()), "the silent one has lost it"
    ending = attempts.claim(silent.job.id, "worker-2", LEASE_SECONDS)
    assert ending is not None
    assert ending.checkpoint is not None
    assert (ending.job.status, ending.checkpoint.epoch) == (Status.CANCELLING, 3)
    assert attempts.claim(silent.job.id, "worker-3", LEASE_SECONDS) is None
    assert attempts.cancelled(ending.lease, model=new_model())
    own = jobs.get(None, silent.job.id)
    assert own.status is Status.CANCELLED
    assert own.model_id is not None
    assert [move.target for move in jobs.transitions(None, own.id)] == [
        Status.QUEUED,
        Status.RUNNING,
        Status.CANCELLING,
        Status.CANCELLED,
    ]
    with database.read() as session:
        assert session.scalars(select(CheckpointRow.job_id)).all() == []


def test_a_cancel_that_kills_its_workers_ends_without_a_model(
    database: Database, attempts: Attempts, jobs: Jobs
) -> None:
    own = claimed(database)
    attempts.record(own.lease, report(1, 3, checkpoint=True), lease_seconds=EXPIRED)
    jobs.cancel(None, own.job.id)
    for number in range(MOST_STALLED_ATTEMPTS):
        assert sweep(database).cancelled == ()
        assert attempts.claim(own.job.id, f"worker-{number}", EXPIRED) is not None
    assert sweep(database).cancelled == (own.job.id,)
    assert jobs.get(None, own.job.id).model_id is None


def limited(database: Database, seconds: float | None) -> str:
    """The id of a job with this time limit."""
    spec = {"training": {"time_limit_seconds": seconds}}
    return Jobs(database).add(None, name=None, spec=spec).id


def let_pass(database: Database, job_id: str) -> None:
    """Let the job's deadline be a moment ago."""
    with database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == job_id).values(deadline_at=from_now(-1)))


def seconds_left(database: Database, job_id: str) -> float | None:
    """Until the job's deadline."""
    with database.read() as session:
        deadline = session.scalars(select(JobRow.deadline_at).where(JobRow.id == job_id)).one()
    return (deadline - database.now()).total_seconds() if deadline else None


def test_a_deadline_is_the_time_limit_from_where_training_begins(database: Database, attempts: Attempts) -> None:
    claim = attempts.claim(limited(database, 100), "worker", LEASE_SECONDS)
    assert claim is not None
    assert seconds_left(database, claim.job.id) == pytest.approx(100 + PREPARING_SECONDS, abs=60)
    attempts.record(claim.lease, lease_seconds=LEASE_SECONDS)
    assert seconds_left(database, claim.job.id) == pytest.approx(100 + PREPARING_SECONDS, abs=60)
    attempts.record(claim.lease, Report(elapsed=1), lease_seconds=LEASE_SECONDS)
    assert seconds_left(database, claim.job.id) == pytest.approx(99 + OVERTIME_SECONDS, abs=30)
    attempts.record(claim.lease, Report(elapsed=95), lease_seconds=LEASE_SECONDS)
    assert seconds_left(database, claim.job.id) == pytest.approx(5 + OVERTIME_SECONDS, abs=30)


def test_time_beside_the_training_counts_for_no_deadline(database: Database, attempts: Attempts) -> None:
    own = limited(database, 100)
    claim = attempts.claim(own, "worker", LEASE_SECONDS)
    assert claim is not None
    let_pass(database, own)
    attempts.record(claim.lease, Report(elapsed=60), lease_seconds=LEASE_SECONDS)
    assert sweep(database) == Swept()
    assert seconds_left(database, own) == pytest.approx(40 + OVERTIME_SECONDS, abs=30)


def test_without_a_time_limit_there_is_no_deadline(database: Database, attempts: Attempts) -> None:
    claim = attempts.claim(limited(database, None), "worker", LEASE_SECONDS)
    assert claim is not None
    attempts.record(claim.lease, report(1, 1), lease_seconds=LEASE_SECONDS)
    assert seconds_left(database, claim.job.id) is None


def test_a_deadline_that_passes_unseen_ends_the_job(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    own = limited(database, 100)
    claim = attempts.claim(own, "worker", LEASE_SECONDS)
    assert claim is not None
    assert sweep(database) == Swept()
    let_pass(database, own)
    assert sweep(database) == Swept(failed=(own,))
    failed = jobs.get(None, own)
    assert (failed.status, failed.stop_reason) == (Status.FAILED, "time_limit")
    assert "time_limit_seconds" in str(failed.error)
    assert attempts.record(claim.lease, lease_seconds=60) is Verdict.STOP


def test_a_job_out_of_time_is_ended_by_another_worker_with_the_model_of_its_checkpoint(
    database: Database, attempts: Attempts, jobs: Jobs
) -> None:
    own = limited(database, 100)
    late = attempts.claim(own, "worker-1", LEASE_SECONDS)
    assert late is not None
    assert not late.out_of_time
    attempts.record(late.lease, report(1, 3, checkpoint=True), lease_seconds=LEASE_SECONDS)
    let_pass(database, own)
    assert sweep(database) == Swept(ring=(own,), out_of_time=(own,))
    assert attempts.record(late.lease, lease_seconds=60) is Verdict.STOP
    ending = attempts.claim(own, "worker-2", LEASE_SECONDS)
    assert ending is not None
    assert ending.out_of_time
    assert ending.checkpoint is not None
    assert attempts.fail(ending.lease, stop_reason="time_limit", error={}, model=new_model())
    assert "time limit passed" in jobs.transitions(None, own)[2].why


@pytest.mark.parametrize("how", ["lost", "given back", "put off"])
def test_time_in_the_queue_counts_for_no_deadline(database: Database, attempts: Attempts, how: str) -> None:
    own = limited(database, 100)
    claim = attempts.claim(own, "worker-1", EXPIRED if how == "lost" else LEASE_SECONDS)
    assert claim is not None
    let_pass(database, own)
    if how == "lost":
        assert sweep(database).requeued == (own,)
    else:
        (attempts.release if how == "given back" else attempts.put_off)(claim.lease)
    again = attempts.claim(own, "worker-2", LEASE_SECONDS)
    assert again is not None
    assert not again.out_of_time


def test_a_job_that_kills_its_workers_is_given_up(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    own = job(database)
    for number in range(1, MOST_STALLED_ATTEMPTS + 1):
        assert attempts.claim(own.id, f"worker-{number}", EXPIRED) is not None
        swept = sweep(database)
        assert swept.requeued == ((own.id,) if number < MOST_STALLED_ATTEMPTS else ())
    assert swept == Swept(failed=(own.id,))
    failed = jobs.get(None, own.id)
    assert (failed.status, failed.stop_reason, failed.attempt) == (Status.FAILED, "lost_too_often", 3)
    assert failed.finished_at is not None
    assert failed.error is not None
    assert {"type", "title", "status", "detail"} <= set(failed.error)
    assert "smaller" in failed.error["detail"], "it tells what to change"
    assert attempts.claim(own.id, "worker-4", LEASE_SECONDS) is None
    assert sweep(database) == Swept()


def test_sweeps_at_once_requeue_each_job_once(database: Database, jobs: Jobs) -> None:
    silent = {claimed(database, lease_seconds=EXPIRED).job.id for _ in range(10)}
    with ThreadPoolExecutor(6) as pool:
        sweeps = list(pool.map(lambda _: sweep(database), range(12)))
    requeued = [job_id for swept in sweeps for job_id in swept.requeued]
    assert sorted(requeued) == sorted(silent)
    assert all(len(jobs.transitions(None, job_id)) == 3 for job_id in silent)


def test_on_postgresql_a_sweep_waits_for_no_other(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)
    own = job(database)
    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with database.write() as session:
            session.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            began.set()
            go_on.wait(30)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(slow)
        began.wait(30)
        assert sweep(database) == Swept()
        go_on.set()
        other.result()
    assert sweep(database).ring == (own.id,)
    database.close()


def test_on_postgresql_a_job_that_is_just_being_written_is_left_for_the_next_sweep(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)
    late = claimed(database, lease_seconds=EXPIRED)
    with database.write() as session:
        session.execute(select(JobRow).with_for_update()).one()
        assert sweep(database) == Swept()
    assert sweep(database).requeued == (late.job.id,)
    database.close()
