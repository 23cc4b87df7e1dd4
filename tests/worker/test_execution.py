"""Jobs carried out in this process over real databases; whatever happens on the way, none is left half done."""

from collections.abc import Callable
from threading import Event, Semaphore

import numpy as np
import pytest
import structlog
from sqlalchemy import update

from deltarule.store.attempts import Attempts
from deltarule.store.blobs import LocalBlobs
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import StoreError, Unavailable
from deltarule.store.jobs import Jobs
from deltarule.store.models import Models
from deltarule.store.records import Claim, Job, Report
from deltarule.store.states import Status, Verdict
from deltarule.store.sweeping import sweep
from deltarule.store.tables import CheckpointRow, JobRow
from deltarule.training.model import Model
from deltarule.training.run import Progress, Run
from tests.servers import wait_until
from tests.worker.making import ENDLESS, Watched, away, execution, settings, submit
from worker.execution import Outcome
from worker.preparation import Preparation

PATIENCE_SECONDS = 30
SLICES = 40
"""So many batches are some epochs, and not all."""
PLAN = {"training": {"epochs": 30, "batch_size": 8, "seed": 3, "early_stopping": None}}


@pytest.fixture(autouse=True)
def _one_batch_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker look up after each batch, so that the smallest job can be interrupted anywhere."""
    monkeypatch.setattr("worker.execution.SLICE_SECONDS", 0.0)


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


def epochs(jobs: Jobs, job: Job) -> list[int]:
    return [row.epoch for row in jobs.history(None, job.id)]


def weights(database: Database, job: Job) -> str:
    model_id = Jobs(database).get(None, job.id).model_id
    assert model_id is not None
    return Models(database).get(None, model_id).sha256


def undisturbed(database: Database, blobs: LocalBlobs) -> str:
    """The digest of the weights that the plan comes to when nothing happens."""
    job = submit(database, blobs, **PLAN)
    assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    return weights(database, job)


def test_a_job_succeeds_and_leaves_model_history_and_metrics(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    done = jobs.get(None, job.id)
    assert (done.status, done.stop_reason, done.attempt, done.error) == (Status.SUCCEEDED, "epochs_done", 1, None)
    assert done.progress is not None
    assert (done.progress.epoch, done.progress.epochs, done.progress.fraction) == (30, 30, 1.0)
    assert epochs(jobs, job) == list(range(1, 31))
    history = jobs.history(None, job.id)
    assert done.metrics["training_loss"] == history[-1].training_loss
    assert done.engine in ("numpy", "compiled")
    assert done.warnings[0] == "said before"
    model = Models(database).get(None, done.model_id or "")
    loaded = Model.from_bytes(Models(database).content(None, model.id))
    assert (model.task, model.sha256) == ("regression", loaded.weights_sha256)
    assert model.metrics["training"]["r2"] > -1
    assert model.description["target"] == ["y"]
    assert np.isfinite(loaded.parameters.vector).all()
    assert [move.target for move in jobs.transitions(None, job.id)] == ["queued", "running", "succeeded"]


def test_the_first_epoch_is_told_at_once_and_the_others_together(database: Database, blobs: LocalBlobs) -> None:
    job, attempts = submit(database, blobs, **PLAN), Watched(database)
    assert execution(database, blobs, attempts, clock=lambda: 0.0).execute(job.id) is Outcome.SUCCEEDED
    # Not the heartbeats, which are another thread's, and on a clock that goes on.
    told = [report for report in attempts.reports if report.progress is not None]
    assert len(told) == 1, "time stands still: nothing else is due before the end"
    assert [epoch.epoch for epoch in told[0].epochs] == [1]
    assert epochs(Jobs(database), job) == list(range(1, 31))


def test_training_goes_on_while_a_report_is_written_and_ends_only_after_it(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, slices, order = submit(database, blobs, **PLAN), Semaphore(0), list[str]()
    advance, done = Run.advance, list[Progress]()

    def counted(run: Run, seconds: float = 0.0, *, one_epoch: bool = False) -> Progress:
        progress = advance(run, seconds, one_epoch=one_epoch)
        done.append(progress)
        slices.release()
        return progress

    def before(name: str, _: int, report: Report) -> None:
        if name == "record" and report.progress is not None and report.progress.epoch > 1 and not order:
            while slices.acquire(blocking=False):
                pass  # those from before this report
            assert slices.acquire(timeout=PATIENCE_SECONDS), "training waits for the report"
            order.append("written")
        elif name == "succeed":
            order.append("ended")

    monkeypatch.setattr(Run, "advance", counted)
    # After the first epoch's report, which is waited for, one more is due, and none after it.
    worker = execution(database, blobs, Watched(database, before), clock=lambda: 2.0 if len(done) > SLICES else 0.0)
    assert worker.execute(job.id) is Outcome.SUCCEEDED
    assert order == ["written", "ended"]
    assert epochs(jobs, job) == list(range(1, 31))


@pytest.mark.parametrize("job_id", ["", "no id", "01890000-0000-7000-8000-000000000000", "x" * 10_000])
def test_a_message_about_no_job_does_nothing(database: Database, blobs: LocalBlobs, job_id: str) -> None:
    assert execution(database, blobs).execute(job_id) is Outcome.NOTHING


def test_a_message_that_comes_twice_does_nothing(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    again: list[Outcome] = []

    def before(name: str, number: int, _: Report) -> None:
        if (name, number) == ("record", 1):
            again.append(execution(database, blobs).execute(job.id))

    assert execution(database, blobs, Watched(database, before)).execute(job.id) is Outcome.SUCCEEDED
    again.append(execution(database, blobs).execute(job.id))
    assert again == [Outcome.NOTHING, Outcome.NOTHING]
    assert jobs.get(None, job.id).attempt == 1


def test_a_cancelled_job_ends_and_keeps_history_and_weights(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **ENDLESS)

    def before(name: str, number: int, _: Report) -> None:
        if (name, number) == ("record", 3):
            jobs.cancel(None, job.id)

    attempts = Watched(database, before)
    assert execution(database, blobs, attempts).execute(job.id) is Outcome.CANCELLED
    cancelled = jobs.get(None, job.id)
    assert (cancelled.status, cancelled.stop_reason) == (Status.CANCELLED, "cancelled")
    assert len(attempts.reports) == 3, "it was seen with the next report"
    assert epochs(jobs, job) == list(range(1, len(epochs(jobs, job)) + 1))
    assert weights(database, job)


def test_a_cancel_that_comes_with_the_end_wins(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)

    def before(name: str, _: int, __: Report) -> None:
        if name == "succeed":
            jobs.cancel(None, job.id)

    assert execution(database, blobs, Watched(database, before)).execute(job.id) is Outcome.CANCELLED
    assert jobs.get(None, job.id).status is Status.CANCELLED
    assert epochs(jobs, job) == list(range(1, 31))


def test_a_cancel_that_comes_with_the_shutdown_wins(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **ENDLESS)

    def before(name: str, _: int, __: Report) -> None:
        if name == "release":
            jobs.cancel(None, job.id)

    stopping = counted(3)
    assert execution(database, blobs, Watched(database, before), stopping=stopping).execute(job.id) is Outcome.CANCELLED
    assert jobs.get(None, job.id).status is Status.CANCELLED


def counted(calls: int) -> Callable[[], bool]:
    """Something that is not so, until it was asked so often."""
    asked = iter(range(1_000_000))
    return lambda: next(asked) >= calls


@pytest.mark.parametrize("looks", [1, 2, 50])
def test_a_job_is_given_back_at_a_shutdown_and_ends_with_the_same_weights(
    database: Database, blobs: LocalBlobs, jobs: Jobs, looks: int
) -> None:
    job = submit(database, blobs, **PLAN)
    first = execution(database, blobs, stopping=counted(looks))
    assert first.execute(job.id) is Outcome.RELEASED
    waiting = jobs.get(None, job.id)
    assert (waiting.status, waiting.attempt) == (Status.QUEUED, 0)
    assert sweep(database).ring == (job.id,), "it is rung for at once"
    assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    assert epochs(jobs, job) == list(range(1, 31))
    assert jobs.get(None, job.id).attempt == 1
    assert weights(database, job) == undisturbed(database, blobs)


def test_a_job_given_back_before_its_first_step_keeps_the_history_it_had(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    job = submit(database, blobs, **PLAN)
    assert execution(database, blobs, stopping=counted(50)).execute(job.id) is Outcome.RELEASED
    before = epochs(jobs, job)
    assert len(before) > 2
    assert execution(database, blobs, stopping=counted(1)).execute(job.id) is Outcome.RELEASED
    assert execution(database, blobs, stopping=counted(1)).execute(job.id) is Outcome.RELEASED
    assert epochs(jobs, job) == before
    assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    assert epochs(jobs, job) == list(range(1, 31))


def test_the_lease_is_kept_while_a_long_table_is_read(database: Database, blobs: LocalBlobs) -> None:
    job, attempts, beats = submit(database, blobs, **PLAN), Watched(database), list[None]()
    read = Preparation(Datasets(database, blobs), Models(database), blobs)

    def prepare(asked: Job) -> Run:
        wait_until(lambda: len(attempts.reports) >= 3, "the lease to be renewed three times")
        return read(asked)

    execution_of_it = execution(
        database,
        blobs,
        attempts,
        prepare=prepare,
        settings=settings(lease_seconds=60, heartbeat_seconds=0.01),
        beat=lambda: beats.append(None),
    )
    assert execution_of_it.execute(job.id) is Outcome.SUCCEEDED
    assert attempts.reports[0] == Report(), "nothing but the lease"
    assert beats


def test_a_batch_that_is_longer_than_the_lease_loses_no_job(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, attempts = submit(database, blobs, **PLAN), Watched(database)
    advance, told = Run.advance, list[int]()

    def slow(run: Run, seconds: float, *, one_epoch: bool) -> object:
        if not told:
            wait_until(lambda: len(attempts.reports) >= 3, "the lease to be renewed amid the batch")
            told.append(len(attempts.reports))
        return advance(run, seconds, one_epoch=one_epoch)

    monkeypatch.setattr(Run, "advance", slow)
    times = settings(lease_seconds=60, heartbeat_seconds=0.01)
    assert execution(database, blobs, attempts, settings=times).execute(job.id) is Outcome.SUCCEEDED
    assert attempts.reports[: told[0]] == [Report()] * told[0], "nothing but the lease"
    assert jobs.get(None, job.id).attempt == 1


def test_a_step_that_hangs_is_given_up(database: Database, blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    job, given_up = submit(database, blobs, **PLAN), Event()

    def hangs(_: Run, __: float, **___: bool) -> None:
        assert given_up.wait(60)
        raise KilledError

    monkeypatch.setattr(Run, "advance", hangs)
    times = settings(heartbeat_seconds=0.01, stall_seconds=0.05)
    with pytest.raises(KilledError):
        execution(database, blobs, settings=times, give_up=given_up.set).execute(job.id)


def test_a_lease_that_cannot_be_renewed_for_a_moment_costs_nothing(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **PLAN)
    attempts = Watched(database, away(("record", 1)))
    read = Preparation(Datasets(database, blobs), Models(database), blobs)

    def prepare(asked: Job) -> Run:
        wait_until(lambda: bool(attempts.reports), "a renewal after the one that failed")
        return read(asked)

    times = settings(lease_seconds=60, heartbeat_seconds=0.01)
    assert execution(database, blobs, attempts, prepare=prepare, settings=times).execute(job.id) is Outcome.SUCCEEDED


def test_a_worker_that_is_stopping_takes_no_job(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    assert execution(database, blobs, stopping=lambda: True).execute(job.id) is Outcome.RELEASED
    assert [move.target for move in jobs.transitions(None, job.id)] == [Status.QUEUED]


class KilledError(BaseException):
    """The process is gone in the middle of what it was doing."""


def killed_after_a_checkpoint(saved: list[int]) -> Callable[[str, int, Report], None]:
    """What kills a worker at its next report after one with a checkpoint, whose epoch is then in `saved`."""

    def before(_: str, __: int, report: Report) -> None:
        # Not when the lease alone is renewed: that happens in a thread of its own, whose death kills nobody.
        if saved and report.progress is not None:
            raise KilledError
        if report.checkpoint is not None and report.epochs:
            saved.append(report.checkpoint.epoch)

    return before


def test_the_job_of_a_killed_worker_goes_on_from_its_checkpoint_and_ends_with_the_same_weights(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    job = submit(database, blobs, **PLAN)
    saved: list[int] = []
    short = settings(lease_seconds=0.006, heartbeat_seconds=0.001, checkpoint_seconds=5)
    first = execution(database, blobs, Watched(database, killed_after_a_checkpoint(saved)), settings=short)
    with pytest.raises(KilledError):
        first.execute(job.id)
    assert jobs.get(None, job.id).status is Status.RUNNING
    assert 0 < saved[0] < 30
    with structlog.testing.capture_logs() as logs:
        assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    assert logs[0]["resumes_after_epoch"] == saved[0]
    assert epochs(jobs, job) == list(range(1, 31))
    assert jobs.get(None, job.id).attempt == 2
    assert weights(database, job) == undisturbed(database, blobs)


def test_after_a_worker_was_killed_before_its_first_checkpoint_the_next_one_hurries_with_it(
    database: Database, blobs: LocalBlobs
) -> None:
    job = submit(database, blobs, **PLAN)
    seldom = settings(lease_seconds=0.006, heartbeat_seconds=0.001, checkpoint_seconds=1000)

    def killed(_: str, __: int, report: Report) -> None:
        if report.progress is not None and report.progress.epoch > 1:
            raise KilledError

    first, second = Watched(database, killed), Watched(database)
    with pytest.raises(KilledError):
        execution(database, blobs, first, settings=seldom).execute(job.id)
    assert execution(database, blobs, second, settings=seldom).execute(job.id) is Outcome.SUCCEEDED
    assert first.reports
    assert not [report for report in first.reports if report.checkpoint]
    assert [report for report in second.reports if report.checkpoint]


def test_who_cancels_does_not_wait_for_the_data_to_be_read(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    real = Preparation(Datasets(database, blobs), Models(database), blobs)

    def prepare(asked: Job) -> Run:
        jobs.cancel(None, job.id)
        wait_until(lambda: jobs.get(None, job.id).status is Status.CANCELLED, "the job to end")
        return real(asked)

    times = settings(lease_seconds=60, heartbeat_seconds=0.01)
    assert execution(database, blobs, prepare=prepare, settings=times).execute(job.id) is Outcome.LOST
    cancelled = jobs.get(None, job.id)
    assert (cancelled.status, cancelled.stop_reason) == (Status.CANCELLED, "cancelled")
    assert epochs(jobs, job) == []


def lost_after_a_checkpoint(database: Database, blobs: LocalBlobs, **spec: object) -> tuple[Job, int]:
    """A job whose worker vanished after it had saved a checkpoint, and the epoch of that."""
    job = submit(database, blobs, **spec)
    saved: list[int] = []
    with pytest.raises(KilledError):
        execution(database, blobs, Watched(database, killed_after_a_checkpoint(saved))).execute(job.id)
    return job, saved[0]


def expire(database: Database, **values: object) -> None:
    with database.write() as session:
        session.execute(update(JobRow).values(**values))


def test_a_job_lost_while_cancelling_keeps_the_weights_of_its_checkpoint(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    job, saved = lost_after_a_checkpoint(database, blobs, **ENDLESS)
    jobs.cancel(None, job.id)
    expire(database, lease_expires_at=from_now(-1))
    assert sweep(database).ring == (job.id,)
    assert execution(database, blobs).execute(job.id) is Outcome.CANCELLED
    cancelled = jobs.get(None, job.id)
    assert (cancelled.status, cancelled.stop_reason) == (Status.CANCELLED, "cancelled")
    assert weights(database, job)
    assert epochs(jobs, job) == list(range(1, saved + 1))


def test_a_job_whose_deadline_passed_unseen_keeps_the_weights_of_its_checkpoint(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    plan = {"training": {**ENDLESS["training"], "time_limit_seconds": 3600}}
    job, saved = lost_after_a_checkpoint(database, blobs, **plan)
    expire(database, deadline_at=from_now(-1))
    assert sweep(database).out_of_time == (job.id,)
    assert execution(database, blobs).execute(job.id) is Outcome.FAILED
    failed = jobs.get(None, job.id)
    assert (failed.status, failed.stop_reason) == (Status.FAILED, "time_limit")
    assert failed.error is not None
    assert "time limit" in failed.error["detail"]
    assert weights(database, job)
    assert epochs(jobs, job) == list(range(1, saved + 1))


def test_a_checkpoint_that_is_no_use_costs_only_time(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    assert execution(database, blobs, stopping=counted(4)).execute(job.id) is Outcome.RELEASED
    with database.write() as session:
        session.execute(update(CheckpointRow).values(state=b"damaged"))
    assert execution(database, blobs).execute(job.id) is Outcome.SUCCEEDED
    assert epochs(jobs, job) == list(range(1, 31))
    assert weights(database, job) == undisturbed(database, blobs)


def test_a_worker_that_was_too_slow_drops_everything_quietly(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **ENDLESS)
    taken: list[Claim] = []

    def take_over() -> bool:
        claim = Attempts(database).claim(job.id, "worker-2", 60)
        taken.extend([claim] if claim else [])
        return bool(taken)

    def before(name: str, number: int, report: Report) -> None:
        # Not a mere renewal, which comes from another thread.
        if name == "record" and number >= 3 and report.progress is not None and not taken:
            wait_until(take_over, "the lease to run out")

    short = settings(lease_seconds=0.006, heartbeat_seconds=0.001)
    attempts = Watched(database, before)
    with structlog.testing.capture_logs() as logs:
        assert execution(database, blobs, attempts, settings=short).execute(job.id) is Outcome.LOST
    assert not [line for line in logs if line["log_level"] != "info"]
    assert epochs(jobs, job) == [], "the new worker begins again, and nothing of the old one comes between"
    assert Attempts(database).record(taken[0].lease, lease_seconds=60) is Verdict.GO_ON
    assert jobs.get(None, job.id).attempt == 2


def test_an_outage_in_the_middle_loses_no_epoch(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    attempts = Watched(database, away(*(("record", number) for number in (1, 2, 4))))
    assert execution(database, blobs, attempts).execute(job.id) is Outcome.SUCCEEDED
    assert epochs(jobs, job) == list(range(1, 31))


def test_an_outage_at_the_end_is_waited_for(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    pauses: list[float] = []
    attempts = Watched(database, away(("succeed", 1), ("succeed", 2)))
    assert execution(database, blobs, attempts, pause=pauses.append).execute(job.id) is Outcome.SUCCEEDED
    assert len(pauses) == 2
    assert jobs.get(None, job.id).status is Status.SUCCEEDED


def test_an_outage_at_the_end_of_all_leaves_the_job_to_be_found(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **ENDLESS)
    attempts = Watched(database, away(*((name, number) for name in ("release", "put_off") for number in range(1, 10))))
    assert execution(database, blobs, attempts, stopping=counted(3)).execute(job.id) is Outcome.LOST
    assert Jobs(database).get(None, job.id).status is Status.RUNNING


def test_a_job_whose_bytes_are_out_of_reach_is_put_off(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)

    def prepare(_: Job) -> None:
        raise Unavailable("The bytes of datasets cannot be reached just now.")

    assert execution(database, blobs, prepare=prepare).execute(job.id) is Outcome.PUT_OFF
    waiting = jobs.get(None, job.id)
    assert (waiting.status, waiting.attempt, waiting.error) == (Status.QUEUED, 0, None)
    assert sweep(database).ring == (), "it waits for a while before it is tried again"


def test_a_job_that_cannot_be_claimed_is_not_touched(database: Database, blobs: LocalBlobs, jobs: Jobs) -> None:
    job = submit(database, blobs, **PLAN)
    with pytest.raises(Unavailable):
        execution(database, blobs, Watched(database, away(("claim", 1)))).execute(job.id)
    assert jobs.get(None, job.id).status is Status.QUEUED


def failed(database: Database, job: Job) -> tuple[str | None, dict[str, object]]:
    ended = Jobs(database).get(None, job.id)
    assert ended.status is Status.FAILED
    assert ended.error is not None
    assert set(ended.error) >= {"type", "title", "status", "detail"}
    return ended.stop_reason, dict(ended.error)


def test_a_dataset_whose_bytes_are_gone_fails_the_job(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **PLAN)
    for key in blobs.keys(-3600):
        blobs.delete(key)
    assert execution(database, blobs).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "missing_data"
    assert "dataset that the job needs is gone" in str(error["detail"])


def test_a_dataset_that_no_longer_parses_fails_the_job(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **PLAN)
    for key in blobs.keys(-3600):
        blobs.path(key).write_text("x,y\n1,2\n3\n")
    assert execution(database, blobs).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "invalid_data"
    assert "ow 2" in str(error["detail"])


def test_too_little_memory_fails_the_job(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **PLAN)

    def prepare(_: Job) -> None:
        np.empty(1 << 62, np.uint8)

    assert execution(database, blobs, prepare=prepare).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "out_of_memory"
    assert "smaller network" in str(error["detail"])


def test_what_nobody_foresaw_fails_the_job_tells_the_log_and_gives_nothing_away(
    database: Database, blobs: LocalBlobs
) -> None:
    job = submit(database, blobs, **PLAN)

    def prepare(_: Job) -> None:
        raise RuntimeError("postgresql://deltarule:secret@host/name")

    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        assert execution(database, blobs, prepare=prepare).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "internal_error"
    assert "secret" not in str(error)
    told = next(line for line in logs if line["log_level"] == "error")
    assert told["exc_info"]
    assert (told["job_id"], told["attempt"]) == (job.id, 1)


def test_a_run_that_diverges_fails_the_job_and_keeps_the_last_finite_weights(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    wild = {"network": {"layers": [{"activation": "identity"}]}, "optimizer": {"name": "sgd", "learning_rate": 1e3}}
    job = submit(database, blobs, **wild, **ENDLESS)
    assert execution(database, blobs).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "diverged"
    assert "epoch" in str(error["detail"])
    said, *told = jobs.get(None, job.id).warnings
    assert said == "said before"
    assert any(sentence.startswith("Exploding gradients: their largest norm was ") for sentence in told)
    model = jobs.get(None, job.id).model_id
    content = Models(database).content(None, model or "")
    assert np.isfinite(Model.from_bytes(content).parameters.vector).all()


def test_a_run_that_takes_too_long_fails_the_job_and_keeps_its_weights(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    job = submit(database, blobs, training={**ENDLESS["training"], "time_limit_seconds": 0.2})
    assert execution(database, blobs).execute(job.id) is Outcome.FAILED
    reason, error = failed(database, job)
    assert reason == "time_limit"
    assert error["errors"] == [{"pointer": "/training/time_limit_seconds", "detail": "The run takes longer."}]
    assert jobs.get(None, job.id).model_id


def test_it_beats_while_it_trains(database: Database, blobs: LocalBlobs) -> None:
    job = submit(database, blobs, **PLAN)
    beats: list[None] = []
    execution(database, blobs, beat=lambda: beats.append(None)).execute(job.id)
    assert beats


def test_measuring_at_the_end_keeps_the_lease(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, attempts = submit(database, blobs, **PLAN), Watched(database)
    measured, kept = Run.latest_metrics, list[int]()

    def slow(run: Run) -> object:
        if run.finished:
            before = len(attempts.reports)
            wait_until(
                lambda: len(attempts.reports) >= before + 3, "the lease to be renewed while the rows are measured"
            )
            kept.append(len(attempts.reports))
        return measured(run)

    monkeypatch.setattr(Run, "latest_metrics", slow)
    times = settings(lease_seconds=60, heartbeat_seconds=0.01)
    assert execution(database, blobs, attempts, settings=times).execute(job.id) is Outcome.SUCCEEDED
    assert kept
    assert jobs.get(None, job.id).attempt == 1


def test_who_cancels_amid_a_long_batch_does_not_wait_for_another(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, attempts = submit(database, blobs, **ENDLESS), Watched(database)
    advance, slices = Run.advance, list[int]()

    def slow(run: Run, _: float, *, one_epoch: bool) -> object:
        slices.append(run.finished)
        if len(slices) == 3:
            jobs.cancel(None, job.id)
            before = len(attempts.reports)
            wait_until(lambda: len(attempts.reports) >= before + 2, "the cancel to be heard amid the batch")
        return advance(run, 0.0, one_epoch=one_epoch)

    monkeypatch.setattr(Run, "advance", slow)
    times = settings(lease_seconds=60, heartbeat_seconds=0.01)
    # On a clock that stands still nothing is reported after the first epoch: only the keeper can hear of it.
    worker = execution(database, blobs, attempts, settings=times, clock=lambda: 0.0)
    assert worker.execute(job.id) is Outcome.CANCELLED
    assert len(slices) == 3, "no batch was begun after the one under way"
    assert weights(database, job)


def test_a_job_that_is_put_off_while_somebody_cancels_it_ends(
    database: Database, blobs: LocalBlobs, jobs: Jobs
) -> None:
    job = submit(database, blobs, **ENDLESS)

    def prepare(_: Job) -> Run:
        jobs.cancel(None, job.id)
        raise Unavailable("The storage does not answer.")

    assert execution(database, blobs, prepare=prepare).execute(job.id) is Outcome.CANCELLED
    assert jobs.get(None, job.id).status is Status.CANCELLED


def test_a_cancelled_job_of_which_no_model_can_be_made_is_cancelled(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit(database, blobs, **ENDLESS)

    def before(name: str, number: int, _: Report) -> None:
        if (name, number) == ("record", 3):
            jobs.cancel(None, job.id)

    def too_little(_: Run) -> None:
        raise MemoryError

    monkeypatch.setattr("worker.execution.new_model", too_little)
    assert execution(database, blobs, Watched(database, before)).execute(job.id) is Outcome.CANCELLED
    cancelled = jobs.get(None, job.id)
    assert (cancelled.status, cancelled.model_id) == (Status.CANCELLED, None)
    assert epochs(jobs, job)


def test_a_report_that_fails_too_does_not_hide_why_the_training_failed(
    database: Database, blobs: LocalBlobs, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, begun, ended = submit(database, blobs, **ENDLESS), Event(), Event()
    advance = Run.advance

    def before(name: str, number: int, report: Report) -> None:
        if name == "record" and report.progress is not None and number > 1:
            begun.set()
            assert ended.wait(PATIENCE_SECONDS)
            raise StoreError("The report is refused.")

    def short_of_memory(run: Run, seconds: float, *, one_epoch: bool) -> object:
        if begun.is_set():
            ended.set()
            raise MemoryError
        return advance(run, seconds, one_epoch=one_epoch)

    monkeypatch.setattr(Run, "advance", short_of_memory)
    assert execution(database, blobs, Watched(database, before)).execute(job.id) is Outcome.FAILED
    assert jobs.get(None, job.id).stop_reason == "out_of_memory"
