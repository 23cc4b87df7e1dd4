"""Every rule of a worker's rights, each on both databases."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import literal, select, text

from deltarule.store import leases
from deltarule.store.attempts import Attempts
from deltarule.store.clock import Moment
from deltarule.store.database import Database
from deltarule.store.history import FEW
from deltarule.store.identifiers import new_id
from deltarule.store.jobs import Jobs
from deltarule.store.leases import MOST_ATTEMPTS, MOST_STALLED_ATTEMPTS
from deltarule.store.models import Models
from deltarule.store.records import Checkpoint, Claim, HistoryRow, Lease, NewModel, Report
from deltarule.store.states import Status, Verdict
from deltarule.store.sweeping import sweep
from deltarule.store.tables import CheckpointRow, JobRow
from tests.store.making import EXPIRED, LEASE_SECONDS, UNKNOWN, claimed, epoch, job, new_model, report

PROBLEM = {"type": "about:blank", "title": "It diverged", "status": 500, "detail": "The loss was not finite."}


def again(attempts: Attempts, job_id: str, worker: str = "worker-2", lease_seconds: float = LEASE_SECONDS) -> Claim:
    claim = attempts.claim(job_id, worker, lease_seconds)
    assert claim is not None
    return claim


def epochs(jobs: Jobs, job_id: str) -> list[int]:
    return [row.epoch for row in jobs.history(None, job_id)]


def moves(jobs: Jobs, job_id: str) -> list[tuple[str, int]]:
    return [(str(move.target), move.attempt) for move in jobs.transitions(None, job_id)]


def everything(database: Database, job_id: str) -> object:
    """All that a write could change."""
    jobs, models = Jobs(database), Models(database)
    with database.read() as session:
        lease = session.execute(select(JobRow.lease_expires_at, JobRow.token).where(JobRow.id == job_id)).all()
        saved = session.execute(select(CheckpointRow.step, CheckpointRow.state)).all()
    return (
        jobs.get(None, job_id),
        jobs.history(None, job_id),
        jobs.transitions(None, job_id),
        models.page(None),
        lease,
        saved,
    )


def test_a_claim_takes_a_queued_job(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    own = job(database)
    claim = again(attempts, own.id, "worker-1")
    assert claim.lease == Lease(own.id, 1, 1)
    assert claim.checkpoint is None
    assert claim.job == jobs.get(None, own.id)
    assert claim.job.status is Status.RUNNING
    assert claim.job.attempt == 1
    assert claim.job.started_at is not None
    with database.read() as session:
        expires, began = session.execute(select(JobRow.lease_expires_at, JobRow.started_at)).one()
    assert expires is not None
    assert began is not None
    left = expires - began
    assert left == pytest.approx(timedelta(seconds=LEASE_SECONDS), abs=timedelta(seconds=5))
    assert moves(jobs, own.id) == [("queued", 0), ("running", 1)]
    assert "worker-1" in jobs.transitions(None, own.id)[-1].why


@pytest.mark.parametrize("job_id", ["", "x\0", UNKNOWN])
def test_there_is_nothing_to_claim(attempts: Attempts, job_id: str) -> None:
    assert attempts.claim(job_id, "worker", LEASE_SECONDS) is None


def test_a_doubled_message_claims_nothing(database: Database, attempts: Attempts) -> None:
    claim = claimed(database)
    before = everything(database, claim.job.id)
    assert attempts.claim(claim.job.id, "worker-2", LEASE_SECONDS) is None
    assert everything(database, claim.job.id) == before


def test_of_many_at_once_one_claims(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    def race() -> int:
        own = job(database)
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda worker: attempts.claim(own.id, f"worker-{worker}", LEASE_SECONDS), range(8)))
        assert jobs.get(None, own.id).attempt == 1
        return sum(claim is not None for claim in claims)

    assert [race() for _ in range(10)] == [1] * 10


def test_a_claim_waits_for_a_row_that_is_being_changed(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    own = job(database)
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            session.execute(select(JobRow).where(JobRow.id == own.id).with_for_update()).one()
            claim = pool.submit(attempts.claim, own.id, "worker", LEASE_SECONDS)
            assert jobs.status(None, own.id) is Status.QUEUED
        assert claim.result() is not None


def test_a_report_is_written_whole(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database)
    full = replace(report(1, 3, checkpoint=True), engine="numpy", warnings=("The loss never fell.",))
    assert attempts.record(claim.lease, full, lease_seconds=LEASE_SECONDS) is Verdict.GO_ON
    own = jobs.get(None, claim.job.id)
    assert (own.progress, own.metrics) == (full.progress, full.metrics)
    assert (own.engine, own.warnings) == ("numpy", ("The loss never fell.",))
    assert jobs.history(None, own.id) == full.epochs
    assert attempts.record(claim.lease, lease_seconds=LEASE_SECONDS) is Verdict.GO_ON
    assert jobs.get(None, own.id) == own, "a heartbeat changes nothing but the lease"


few_and_many = pytest.mark.parametrize("more", [0, FEW])
"""Epochs besides those that a test is about: PostgreSQL is told of many in another way than of few."""


def others(more: int) -> tuple[HistoryRow, ...]:
    return tuple(epoch(number) for number in range(11, 11 + more))


@few_and_many
def test_a_report_may_be_repeated(database: Database, attempts: Attempts, jobs: Jobs, more: int) -> None:
    claim = claimed(database)
    for _ in range(2):
        assert attempts.record(claim.lease, report(1, 3 + more, checkpoint=True), lease_seconds=60) is Verdict.GO_ON
    assert attempts.record(claim.lease, report(2, 4 + more), lease_seconds=60) is Verdict.GO_ON
    assert jobs.history(None, claim.job.id) == report(1, 4 + more).epochs


@few_and_many
def test_an_epoch_that_is_trained_again_replaces_the_first(
    database: Database, attempts: Attempts, jobs: Jobs, more: int
) -> None:
    claim, other = claimed(database), claimed(database)
    for lease in (claim.lease, other.lease):
        attempts.record(lease, report(1, 3), lease_seconds=60)
    second = replace(epoch(2), training_loss=9.0, validation_loss=None, gradient_norm=(), metrics=None)
    attempts.record(claim.lease, Report(epochs=(second, *others(more))), lease_seconds=60)
    assert jobs.history(None, claim.job.id) == (epoch(1), second, epoch(3), *others(more))
    assert jobs.history(None, other.job.id) == report(1, 3).epochs


@few_and_many
def test_losses_that_are_not_finite_are_kept_as_none(
    database: Database, attempts: Attempts, jobs: Jobs, more: int
) -> None:
    claim = claimed(database)
    nan, infinity = float("nan"), float("inf")
    row = HistoryRow(1, nan, infinity, 0.1, 0.5, (nan, 1.0, -infinity), {"validation_accuracy": nan})
    told = Report(epochs=(row, *others(more)), metrics={"training_loss": nan})
    attempts.record(claim.lease, told, lease_seconds=60)
    assert jobs.history(None, claim.job.id) == (
        HistoryRow(1, None, None, 0.1, 0.5, (None, 1.0, None), {"validation_accuracy": None}),
        *others(more),
    )
    assert jobs.get(None, claim.job.id).metrics == {"training_loss": None}


@few_and_many
def test_numbers_come_back_bit_for_bit(database: Database, attempts: Attempts, jobs: Jobs, more: int) -> None:
    claim = claimed(database)
    row = HistoryRow(1, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1e-17, (1 / 3, 2**-1074), {"a": 2 / 3})
    attempts.record(claim.lease, Report(epochs=(row, *others(more))), lease_seconds=60)
    assert jobs.history(None, claim.job.id) == (row, *others(more))


def test_thousands_of_epochs_in_one_report(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database)
    attempts.record(claim.lease, report(1, 5000), lease_seconds=60)
    assert epochs(jobs, claim.job.id) == list(range(1, 5001))


WRITES: dict[str, Callable[[Attempts, Lease], object]] = {
    "record": lambda attempts, lease: attempts.record(lease, report(3, 4, checkpoint=True), lease_seconds=60),
    "succeed": lambda attempts, lease: attempts.succeed(
        lease, report(3, 4, checkpoint=True), stop_reason="epochs_done", model=new_model(b"stale")
    ),
    "fail": lambda attempts, lease: attempts.fail(
        lease, report(3, 4), stop_reason="diverged", error=PROBLEM, model=new_model(b"stale")
    ),
    "cancelled": lambda attempts, lease: attempts.cancelled(lease, report(3, 4), model=new_model(b"stale")),
    "release": lambda attempts, lease: attempts.release(lease, report(3, 4, checkpoint=True)),
}
REFUSED = (Verdict.STOP, False)
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@every_write
def test_a_worker_that_was_replaced_writes_nothing(
    database: Database, attempts: Attempts, write: Callable[[Attempts, Lease], object]
) -> None:
    stale = claimed(database, lease_seconds=EXPIRED)
    attempts.record(stale.lease, report(1, 2, checkpoint=True), lease_seconds=EXPIRED)
    fresh = again(attempts, stale.job.id)
    assert fresh.lease.token > stale.lease.token
    before = everything(database, stale.job.id)
    assert write(attempts, stale.lease) in REFUSED
    assert everything(database, stale.job.id) == before


@every_write
def test_also_when_the_job_that_was_taken_over_is_being_cancelled(
    database: Database, attempts: Attempts, jobs: Jobs, write: Callable[[Attempts, Lease], object]
) -> None:
    stale = claimed(database, lease_seconds=EXPIRED)
    again(attempts, stale.job.id)
    jobs.cancel(None, stale.job.id)
    before = everything(database, stale.job.id)
    assert write(attempts, stale.lease) in REFUSED
    assert everything(database, stale.job.id) == before


@every_write
def test_a_worker_whose_job_was_swept_away_writes_nothing(
    database: Database, attempts: Attempts, write: Callable[[Attempts, Lease], object]
) -> None:
    stale = claimed(database, lease_seconds=EXPIRED)
    assert sweep(database).requeued == (stale.job.id,)
    before = everything(database, stale.job.id)
    assert write(attempts, stale.lease) in REFUSED
    assert everything(database, stale.job.id) == before


@every_write
def test_a_worker_that_gave_back_writes_nothing_even_if_it_takes_the_job_again(
    database: Database, attempts: Attempts, write: Callable[[Attempts, Lease], object]
) -> None:
    released = claimed(database)
    assert attempts.release(released.lease) is Verdict.GO_ON
    before = everything(database, released.job.id)
    assert write(attempts, released.lease) in REFUSED
    assert everything(database, released.job.id) == before
    fresh = again(attempts, released.job.id, "worker-1")
    assert fresh.lease.attempt == released.lease.attempt
    before = everything(database, released.job.id)
    assert write(attempts, released.lease) in REFUSED
    assert everything(database, released.job.id) == before


@every_write
@pytest.mark.parametrize("end", ["succeed", "fail", "cancelled"])
def test_nothing_is_written_after_the_end(
    database: Database, attempts: Attempts, jobs: Jobs, end: str, write: Callable[[Attempts, Lease], object]
) -> None:
    claim = claimed(database)
    if end == "cancelled":
        jobs.cancel(None, claim.job.id)
    assert WRITES[end](attempts, claim.lease) in (Verdict.GO_ON, True)
    before = everything(database, claim.job.id)
    assert write(attempts, claim.lease) in REFUSED
    assert everything(database, claim.job.id) == before


@every_write
def test_nothing_is_written_to_a_job_that_is_gone(
    database: Database, attempts: Attempts, write: Callable[[Attempts, Lease], object]
) -> None:
    assert write(attempts, Lease(new_id(), 1, 1)) in REFUSED
    assert Models(database).page(None).items == ()


def test_a_late_worker_that_nobody_replaced_goes_on(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    late = claimed(database, lease_seconds=EXPIRED)
    assert attempts.record(late.lease, report(1, 2), lease_seconds=LEASE_SECONDS) is Verdict.GO_ON
    assert attempts.claim(late.job.id, "worker-2", LEASE_SECONDS) is None
    assert sweep(database).requeued == ()
    assert epochs(jobs, late.job.id) == [1, 2]


def test_a_living_lease_is_not_taken_over(database: Database, attempts: Attempts) -> None:
    claim = claimed(database, lease_seconds=EXPIRED)
    attempts.record(claim.lease, lease_seconds=1.5)
    assert attempts.claim(claim.job.id, "worker-2", LEASE_SECONDS) is None


@pytest.mark.parametrize(("later", "expired"), [(0, False), (1, True)])
def test_a_lease_lasts_to_its_last_microsecond(
    database: Database, attempts: Attempts, monkeypatch: pytest.MonkeyPatch, later: int, expired: bool
) -> None:
    claim = claimed(database)
    with database.read() as session:
        end = session.execute(select(JobRow.lease_expires_at)).scalar_one()
    assert end is not None
    moment = literal(end + timedelta(microseconds=later), Moment())
    monkeypatch.setattr(leases, "now", lambda: moment)
    assert (attempts.claim(claim.job.id, "worker-2", LEASE_SECONDS) is not None) == expired


def test_who_takes_over_goes_on_from_the_checkpoint(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    lost = claimed(database)
    attempts.record(lost.lease, report(1, 2, checkpoint=True), lease_seconds=60)
    attempts.record(lost.lease, report(3, 4, checkpoint=True), lease_seconds=60)
    attempts.record(lost.lease, report(5, 7), lease_seconds=EXPIRED)
    fresh = again(attempts, lost.job.id)
    assert fresh.checkpoint == Checkpoint(4, 40, b"state 4")
    assert epochs(jobs, lost.job.id) == [1, 2, 3, 4]
    assert (fresh.lease.attempt, fresh.lease.token) == (2, 2)
    assert fresh.job.started_at == lost.job.started_at
    assert moves(jobs, lost.job.id) == [("queued", 0), ("running", 1), ("queued", 1), ("running", 2)]


def test_who_takes_over_without_a_checkpoint_begins_anew(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    lost = claimed(database)
    attempts.record(lost.lease, report(1, 3), lease_seconds=EXPIRED)
    fresh = again(attempts, lost.job.id)
    assert fresh.checkpoint is None
    assert epochs(jobs, lost.job.id) == []
    attempts.record(fresh.lease, Report(epochs=(replace(epoch(1), training_loss=9.0),)), lease_seconds=60)
    assert [row.training_loss for row in jobs.history(None, lost.job.id)] == [9.0]


def test_checkpoints_are_any_bytes(database: Database, attempts: Attempts) -> None:
    lost, state = claimed(database), bytes(range(256)) * 4000
    attempts.record(lost.lease, Report(checkpoint=Checkpoint(0, 1, state)), lease_seconds=EXPIRED)
    assert again(attempts, lost.job.id).checkpoint == Checkpoint(0, 1, state)


def test_success(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database)
    attempts.record(claim.lease, report(1, 2, checkpoint=True), lease_seconds=60)
    verdict = attempts.succeed(claim.lease, report(3, 4), stop_reason="early_stopping", model=new_model())
    assert verdict is Verdict.GO_ON
    own = jobs.get(None, claim.job.id)
    assert (own.status, own.stop_reason, own.error) == (Status.SUCCEEDED, "early_stopping", None)
    assert own.finished_at is not None
    assert own.model_id is not None
    assert epochs(jobs, own.id) == [1, 2, 3, 4]
    assert Models(database).get(None, own.model_id).job_id == own.id
    with database.read() as session:
        assert session.scalars(select(CheckpointRow.job_id)).all() == [], "no run will go on from here"
        assert session.execute(select(JobRow.lease_owner, JobRow.lease_expires_at)).one() == (None, None)
    assert moves(jobs, own.id)[-1] == ("succeeded", 1)


@pytest.mark.parametrize("model", [None, new_model(b"last finite")])
def test_failure(database: Database, attempts: Attempts, jobs: Jobs, model: NewModel | None) -> None:
    claim = claimed(database)
    assert attempts.fail(claim.lease, report(1, 1), stop_reason="diverged", error=PROBLEM, model=model)
    own = jobs.get(None, claim.job.id)
    assert (own.status, own.stop_reason, own.error) == (Status.FAILED, "diverged", PROBLEM)
    assert (own.model_id is None) == (model is None)
    assert epochs(jobs, own.id) == [1]
    assert moves(jobs, own.id)[-1] == ("failed", 1)


@pytest.mark.parametrize("model", [None, new_model(b"last")])
def test_cancelling(database: Database, attempts: Attempts, jobs: Jobs, model: NewModel | None) -> None:
    claim = claimed(database)
    assert not attempts.cancelled(claim.lease, model=model), "nobody asked"
    jobs.cancel(None, claim.job.id)
    assert attempts.record(claim.lease, report(1, 2), lease_seconds=60) is Verdict.CANCEL
    assert attempts.cancelled(claim.lease, report(3, 3), model=model)
    own = jobs.get(None, claim.job.id)
    assert (own.status, own.stop_reason, own.error) == (Status.CANCELLED, "cancelled", None)
    assert (own.model_id is None) == (model is None)
    assert epochs(jobs, own.id) == [1, 2, 3]
    assert moves(jobs, own.id)[-2:] == [("cancelling", 1), ("cancelled", 1)]


@pytest.mark.parametrize("write", ["succeed", "release"])
def test_a_cancel_that_came_first_wins(database: Database, attempts: Attempts, jobs: Jobs, write: str) -> None:
    claim = claimed(database)
    jobs.cancel(None, claim.job.id)
    before = everything(database, claim.job.id)
    assert WRITES[write](attempts, claim.lease) is Verdict.CANCEL
    assert everything(database, claim.job.id) == before


def test_a_job_may_still_fail_while_it_is_being_cancelled(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database)
    jobs.cancel(None, claim.job.id)
    assert attempts.fail(claim.lease, stop_reason="diverged", error=PROBLEM)
    (*_, before, last) = jobs.transitions(None, claim.job.id)
    assert (before.target, last.source, last.target) == (Status.CANCELLING, Status.CANCELLING, Status.FAILED)


def test_giving_back_costs_no_attempt_and_loses_nothing(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database)
    for _ in range(MOST_STALLED_ATTEMPTS + 2):
        assert attempts.release(claim.lease, report(1, 2, checkpoint=True)) is Verdict.GO_ON
        waiting = jobs.get(None, claim.job.id)
        assert (waiting.status, waiting.attempt) == (Status.QUEUED, 0)
        assert claim.job.id in sweep(database).ring, "it is to be rung for at once"
        claim = again(attempts, claim.job.id)
        assert claim.lease.attempt == 1
        assert claim.checkpoint == Checkpoint(2, 20, b"state 2")
        assert epochs(jobs, claim.job.id) == [1, 2]


def test_attempts_without_progress_are_counted_and_progress_forgives(database: Database, attempts: Attempts) -> None:
    own = job(database)
    for step in range(1, 2 * MOST_STALLED_ATTEMPTS):
        claim = again(attempts, own.id, lease_seconds=EXPIRED)
        further = Report(checkpoint=Checkpoint(0, step, b"state"))
        attempts.record(claim.lease, further, lease_seconds=EXPIRED)
    for stalled in range(MOST_STALLED_ATTEMPTS):
        claim = again(attempts, own.id, lease_seconds=EXPIRED)
        assert claim.stalled_attempts == stalled
        no_further = Report(checkpoint=Checkpoint(0, step, b"state"))
        attempts.record(claim.lease, no_further, lease_seconds=EXPIRED)
    assert attempts.claim(own.id, "worker", LEASE_SECONDS) is None
    assert sweep(database).failed == (own.id,)


def test_giving_back_after_progress_earns_no_further_attempts(database: Database, attempts: Attempts) -> None:
    claim = claimed(database)
    for epochs_done in range(1, 4):
        attempts.release(claim.lease, report(epochs_done, epochs_done, checkpoint=True))
        claim = again(attempts, claim.job.id, lease_seconds=EXPIRED)
    for _ in range(MOST_STALLED_ATTEMPTS - 1):
        again(attempts, claim.job.id, lease_seconds=EXPIRED)
    assert attempts.claim(claim.job.id, "worker", LEASE_SECONDS) is None


def test_no_job_is_tried_for_ever(database: Database, attempts: Attempts, jobs: Jobs) -> None:
    claim = claimed(database, lease_seconds=EXPIRED)
    with database.write() as session:
        session.execute(text("UPDATE jobs SET attempt = :most, stalled_attempts = 0"), {"most": MOST_ATTEMPTS})
    assert attempts.claim(claim.job.id, "worker", LEASE_SECONDS) is None
    assert sweep(database).failed == (claim.job.id,)
    error = jobs.get(None, claim.job.id).error
    assert error is not None
    assert json.dumps(error)


def test_a_stale_and_a_fresh_worker_at_once_leave_one_history(
    database: Database, attempts: Attempts, jobs: Jobs
) -> None:
    for _ in range(10):
        stale = claimed(database, lease_seconds=EXPIRED)
        with ThreadPoolExecutor(2) as pool:
            write = partial(attempts.record, lease_seconds=LEASE_SECONDS)
            verdict = pool.submit(write, stale.lease, Report(epochs=(epoch(1), epoch(2))))
            claim = pool.submit(attempts.claim, stale.job.id, "worker-2", LEASE_SECONDS)
            wrote, fresh = verdict.result(), claim.result()
        assert (wrote is Verdict.STOP) == (fresh is not None), "one of them has the job"
        assert epochs(jobs, stale.job.id) == ([] if fresh else [1, 2])
