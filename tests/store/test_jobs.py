from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from deltarule.store.attempts import Attempts
from deltarule.store.blobs import LocalBlobs
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import Conflict, InvalidCursor, NotFound, Refused
from deltarule.store.identifiers import new_id
from deltarule.store.jobs import Jobs
from deltarule.store.records import Job, Progress
from deltarule.store.states import Status
from deltarule.store.sweeping import sweep
from deltarule.store.tables import CheckpointRow, HistoryEntry, JobRow, TransitionRow
from tests.store.making import (
    LEASE_SECONDS,
    OWNER,
    STRANGER,
    UNKNOWN,
    claimed,
    dataset,
    epoch,
    job,
    new_dataset,
    new_model,
    report,
)


def rows(database: Database) -> dict[str, int]:
    """How many rows of each kind there are."""
    with database.read() as session:
        return {
            table.__tablename__: session.scalars(select(func.count()).select_from(table)).one()
            for table in (JobRow, HistoryEntry, CheckpointRow, TransitionRow)
        }


def test_a_submitted_job_waits(database: Database, jobs: Jobs, blobs: LocalBlobs) -> None:
    own, other = dataset(database, blobs), dataset(database, blobs)
    spec = {"dataset_id": own.id, "target": "b", "network": {"layers": [{"units": 3}]}, "name": "ä\n☃"}
    made = jobs.add(
        None,
        name="ä\n☃",
        spec=spec,
        dataset_id=own.id,
        validation_dataset_id=other.id,
        warnings=["The feature a has only one value."],
    )
    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    expected = {
        "owner": None,
        "name": "ä\n☃",
        "status": Status.QUEUED,
        "spec": spec,
        "dataset_id": own.id,
        "validation_dataset_id": other.id,
        "continued_model_id": None,
        "started_at": None,
        "finished_at": None,
        "attempt": 0,
        "engine": None,
        "progress": None,
        "metrics": {},
        "stop_reason": None,
        "warnings": ("The feature a has only one value.",),
        "error": None,
        "model_id": None,
        "threads": None,
        "history_every": 1,
    }
    assert asdict(made) == expected | {"id": made.id, "created_at": made.created_at}
    assert jobs.get(None, made.id) == made
    assert jobs.status(None, made.id) is Status.QUEUED
    assert jobs.history(None, made.id) == ()
    (submitted,) = jobs.transitions(None, made.id)
    assert (submitted.source, submitted.target, submitted.attempt) == (None, Status.QUEUED, 0)


def test_inline_data_becomes_a_dataset_of_the_same_transaction(
    database: Database, jobs: Jobs, blobs: LocalBlobs
) -> None:
    owner, new = new_id(), new_dataset(blobs)
    made = jobs.add(owner, name="inline", spec={"data": {"inputs": [[1]]}, "target": None}, inline=new)
    (kept,) = Datasets(database, blobs).page(owner).items
    assert made.dataset_id == kept.id
    assert made.spec == {"data": None, "dataset_id": kept.id, "target": None}
    assert kept.blob_key == new.blob_key


def test_what_is_missing_leaves_nothing_half_made(database: Database, jobs: Jobs, blobs: LocalBlobs) -> None:
    missing = new_id()
    stranger = dataset(database, blobs, new_id())
    needs: list[dict[str, Any]] = [
        {"dataset_id": missing},
        {"dataset_id": stranger.id},
        {"dataset_id": "x\0"},
        {"validation_dataset_id": missing},
        {"continued_model_id": missing},
        {"inline": new_dataset(blobs), "continued_model_id": missing},
    ]
    for need in needs:
        with pytest.raises(NotFound):
            jobs.add(None, name=None, spec={}, **need)
    assert set(rows(database).values()) == {0}
    assert Datasets(database, blobs).page(None).items == ()


def test_a_text_that_no_row_can_hold_is_refused(database: Database, jobs: Jobs) -> None:
    with pytest.raises(Refused):
        jobs.add(None, name="\ud800", spec={})
    assert set(rows(database).values()) == {0}


def test_a_spec_may_hold_any_json(jobs: Jobs) -> None:
    spec = {"text": "\0 \ud800 ☃ \U0001f600", "numbers": [0.1, 1e308, 5e-324, 2**60, -0.0], "deep": [[[{"a": None}]]]}
    assert jobs.get(None, jobs.add(None, name=None, spec=spec).id).spec == spec


def test_numbers_without_a_word_in_json_become_null(jobs: Jobs) -> None:
    spec = {"a": float("nan"), "b": [float("inf"), {"c": (float("-inf"), 1.0)}]}
    assert jobs.get(None, jobs.add(None, name=None, spec=spec).id).spec == {"a": None, "b": [None, {"c": [None, 1.0]}]}


@pytest.mark.parametrize(("owner", "stranger"), [(None, STRANGER), (OWNER, None), (OWNER, STRANGER)])
def test_strangers_find_nothing(database: Database, jobs: Jobs, owner: str | None, stranger: str | None) -> None:
    own = job(database, owner)
    for ask in (jobs.get, jobs.status, jobs.transitions, jobs.history, jobs.cancel, jobs.remove):
        with pytest.raises(NotFound):
            ask(stranger, own.id)
    assert jobs.page(stranger).items == ()
    assert jobs.page(owner).items == (own,)
    assert jobs.status(owner, own.id) is Status.QUEUED


@pytest.mark.parametrize("identifier", ["", "1", "\0", "\ud800", UNKNOWN])
def test_what_is_not_there_is_not_found(jobs: Jobs, identifier: str) -> None:
    for ask in (jobs.get, jobs.status, jobs.transitions, jobs.history, jobs.cancel, jobs.remove):
        with pytest.raises(NotFound) as raised:
            ask(None, identifier)
        assert raised.value.kind == "job"


def test_pages_by_status_and_name(database: Database, jobs: Jobs) -> None:
    made = [job(database, name=f"job {number % 2}") for number in range(6)]
    for number in (1, 4):
        jobs.cancel(None, made[number].id)

    def ids(status: Status | None = None, name: str | None = None) -> list[int]:
        found, cursor = [], None
        while True:
            answer = jobs.page(None, 1, cursor, status=status, name=name)
            found += [[own.id for own in made].index(item.id) for item in answer.items]
            cursor = answer.next
            if cursor is None:
                return found

    assert ids() == [5, 4, 3, 2, 1, 0]
    assert ids(status=Status.QUEUED) == [5, 3, 2, 0]
    assert ids(status=Status.CANCELLED, name="job 1") == [1]
    assert ids(name="job") == []
    with pytest.raises(InvalidCursor):
        jobs.page(None, 1, "x")


def test_the_history_is_in_order_and_from_any_epoch(database: Database, jobs: Jobs) -> None:
    claim = claimed(database)
    Attempts(database).record(claim.lease, report(1, 5), lease_seconds=LEASE_SECONDS)
    assert jobs.history(None, claim.job.id) == tuple(epoch(number) for number in range(1, 6))
    assert jobs.history(None, claim.job.id, 3) == (epoch(4), epoch(5))
    assert jobs.history(None, claim.job.id, 5) == ()


def test_a_queued_job_is_cancelled_at_once(database: Database, jobs: Jobs) -> None:
    own = job(database)
    cancelled = jobs.cancel(None, own.id)
    assert (cancelled.status, cancelled.stop_reason) == (Status.CANCELLED, "cancelled")
    assert cancelled.finished_at is not None
    assert cancelled.started_at is None
    assert jobs.get(None, own.id) == cancelled
    assert Attempts(database).claim(own.id, "worker", LEASE_SECONDS) is None
    with pytest.raises(Conflict, match="cancelled"):
        jobs.cancel(None, own.id)
    assert [move.target for move in jobs.transitions(None, own.id)] == [Status.QUEUED, Status.CANCELLED]


def test_a_running_job_is_asked_to_stop_and_asking_twice_changes_nothing(database: Database, jobs: Jobs) -> None:
    claim = claimed(database)
    asked = jobs.cancel(None, claim.job.id)
    assert (asked.status, asked.stop_reason, asked.finished_at) == (Status.CANCELLING, None, None)
    assert jobs.cancel(None, claim.job.id) == asked
    assert [move.target for move in jobs.transitions(None, claim.job.id)] == [
        Status.QUEUED,
        Status.RUNNING,
        Status.CANCELLING,
    ]


@pytest.mark.parametrize("end", ["succeeded", "failed"])
def test_an_ended_job_cannot_be_cancelled(database: Database, jobs: Jobs, end: str) -> None:
    claim, attempts = claimed(database), Attempts(database)
    if end == "succeeded":
        attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model())
    else:
        attempts.fail(claim.lease, stop_reason="diverged", error={"title": "It diverged"})
    before = jobs.get(None, claim.job.id)
    with pytest.raises(Conflict, match=end):
        jobs.cancel(None, claim.job.id)
    assert jobs.get(None, claim.job.id) == before


def test_removing_a_job_removes_all_that_was_only_its_own(database: Database, jobs: Jobs) -> None:
    claim, kept = claimed(database), claimed(database)
    attempts = Attempts(database)
    for lease in (claim.lease, kept.lease):
        attempts.record(lease, report(1, 3, checkpoint=True), lease_seconds=LEASE_SECONDS)
    for status in (Status.RUNNING, Status.CANCELLING):
        assert jobs.status(None, claim.job.id) is status
        with pytest.raises(Conflict, match="cancel it"):
            jobs.remove(None, claim.job.id)
        jobs.cancel(None, claim.job.id)
    attempts.cancelled(claim.lease)
    jobs.remove(None, claim.job.id)
    with pytest.raises(NotFound):
        jobs.get(None, claim.job.id)
    assert rows(database) == {"jobs": 1, "history": 3, "checkpoints": 1, "transitions": 2}


def test_a_queued_job_may_be_removed_and_its_message_finds_nothing(database: Database, jobs: Jobs) -> None:
    own = job(database)
    jobs.remove(None, own.id)
    assert Attempts(database).claim(own.id, "worker", LEASE_SECONDS) is None
    assert set(rows(database).values()) == {0}


def test_many_cancels_and_one_claim_at_once_end_in_one_state(database: Database, jobs: Jobs) -> None:
    attempts = Attempts(database)

    def race(number: int) -> bool:
        own = job(database)
        with ThreadPoolExecutor(3) as pool:
            claim = pool.submit(attempts.claim, own.id, "worker", LEASE_SECONDS)
            cancels = [pool.submit(jobs.cancel, None, own.id) for _ in range(2)]
            taken = claim.result() is not None
            conflicts = [isinstance(cancel.exception(), Conflict) for cancel in cancels]
        targets = [move.target for move in jobs.transitions(None, own.id)]
        if taken:
            return targets == [Status.QUEUED, Status.RUNNING, Status.CANCELLING] and not any(conflicts)
        return targets == [Status.QUEUED, Status.CANCELLED] and sum(conflicts) == 1

    assert all(race(number) for number in range(15))


def ring_after(database: Database, own: Job, seconds: float) -> bool:
    """Whether the job would be rung for if so many seconds had passed."""
    with database.write() as session:
        own_row = JobRow.id == own.id
        ring_at = session.execute(select(JobRow.ring_at).where(own_row)).scalar_one()
        session.execute(update(JobRow).where(own_row).values(ring_at=ring_at - timedelta(seconds=seconds)))
    rung = own.id in sweep(database).ring
    with database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == own.id).values(ring_at=ring_at))
    return rung


def test_each_ring_waits_twice_as_long_as_the_last(database: Database, jobs: Jobs) -> None:
    own, other = job(database), job(database)
    assert set(sweep(database).ring) == {own.id, other.id}
    for pause in (30, 60, 120, 240, 300, 300):
        jobs.rung(own.id)
        assert not ring_after(database, own, pause - 5)
        assert ring_after(database, own, pause)
    assert sweep(database).ring == (other.id,)
    jobs.rung(own.id, other.id)
    assert sweep(database).ring == ()


def test_a_ring_that_is_noted_late_changes_no_running_job(database: Database, jobs: Jobs) -> None:
    claim = claimed(database)
    before = jobs.get(None, claim.job.id)
    jobs.rung(claim.job.id, new_id())
    jobs.rung()
    assert jobs.get(None, claim.job.id) == before


def test_progress_is_a_value(database: Database, jobs: Jobs) -> None:
    claim = claimed(database)
    Attempts(database).record(claim.lease, report(1, 2), lease_seconds=LEASE_SECONDS)
    assert jobs.get(None, claim.job.id).progress == Progress(2, 100, 0.02, 1000.0, 3.5)


def test_readers_are_answered_while_a_writer_writes(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    own = job(database)
    with database.write() as session:
        session.execute(update(JobRow).values(lease_expires_at=from_now(5)))
        assert Jobs(database).get(None, own.id) == own
    database.close()
