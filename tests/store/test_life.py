"""Whatever users, workers, the sweeper and time do to jobs, in any order: the promises hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from deltarule.store.attempts import Attempts
from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.errors import Conflict, NotFound
from deltarule.store.jobs import Jobs
from deltarule.store.leases import MOST_STALLED_ATTEMPTS
from deltarule.store.records import Checkpoint, HistoryRow, Lease, NewModel, Report
from deltarule.store.states import ENDED, HELD, MOVES, Status, Verdict
from deltarule.store.sweeping import sweep
from deltarule.store.tables import CheckpointRow, JobRow, ModelRow
from tests.store.making import EXPIRED, LEASE_SECONDS, new_model


@dataclass
class Worker:
    """What one claim gave to one worker, which believes in it for ever; `epoch` is how far it has trained."""

    lease: Lease
    epoch: int


@dataclass
class Expected:
    """A job as it should be. Each epoch is known by the token of the worker that wrote it.

    `unowned`: its worker was lost while it was cancelling; it waits for one that makes a model of its checkpoint.
    """

    status: Status = Status.QUEUED
    token: int | None = None
    attempt: int = 0
    stalled: int = 0
    expired: bool = False
    unowned: bool = False
    epochs: list[int] = field(default_factory=list)
    checkpoint: int | None = None
    model: bool = False

    def holds(self, worker: Worker) -> bool:
        return self.status in HELD and self.token == worker.lease.token


class Life(RuleBasedStateMachine):
    """Jobs that anything may happen to, beside a plain account of what should have become of them."""

    jobs = Bundle("jobs")
    workers = Bundle("workers")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.store = Jobs(database)
        self.attempts = Attempts(database)
        self.expected: dict[str, Expected] = {}
        self.tokens: dict[str, int] = {}

    def teardown(self) -> None:
        with self.database.write() as session:
            session.execute(delete(JobRow))
            session.execute(delete(ModelRow))

    @rule(target=jobs)
    def submit(self) -> str:
        job = self.store.add(None, name=None, spec={})
        self.expected[job.id] = Expected()
        return job.id

    @rule(target=workers, job_id=jobs)
    def claim(self, job_id: str) -> Worker:
        claim = self.attempts.claim(job_id, "worker", LEASE_SECONDS)
        job = self.expected.get(job_id)
        if job is None or not self._claimable(job):
            assert claim is None
            return Worker(Lease(job_id, 0, 0), 0)
        assert claim is not None
        assert claim.lease.token > self.tokens.get(job_id, 0), "a token was given out twice"
        self.tokens[job_id] = claim.lease.token
        job.status = Status.CANCELLING if job.unowned else Status.RUNNING
        job.token, job.expired, job.unowned = claim.lease.token, False, False
        job.attempt += 1
        job.stalled += 1
        del job.epochs[job.checkpoint or 0 :]
        assert (claim.checkpoint.epoch if claim.checkpoint else None) == job.checkpoint
        return Worker(claim.lease, job.checkpoint or 0)

    @staticmethod
    def _claimable(job: Expected) -> bool:
        if job.status is Status.RUNNING:
            return job.expired and job.stalled < MOST_STALLED_ATTEMPTS
        return job.unowned or job.status is Status.QUEUED

    @rule(worker=workers, count=st.integers(0, 3), save=st.booleans())
    def record(self, worker: Worker, count: int, save: bool) -> None:
        job, report = self._written(worker, count, save)
        verdict = self.attempts.record(worker.lease, report, lease_seconds=LEASE_SECONDS)
        if job is None:
            assert verdict is Verdict.STOP
            return
        assert verdict is (Verdict.CANCEL if job.status is Status.CANCELLING else Verdict.GO_ON)
        self._account(job, worker, report)
        job.expired = False

    @rule(worker=workers, count=st.integers(0, 2))
    def succeed(self, worker: Worker, count: int) -> None:
        job, report = self._written(worker, count, save=False)
        verdict = self.attempts.succeed(worker.lease, report, stop_reason="epochs_done", model=new_model())
        if job is None:
            assert verdict is Verdict.STOP
        elif job.status is Status.CANCELLING:
            assert verdict is Verdict.CANCEL
        else:
            assert verdict is Verdict.GO_ON
            self._account(job, worker, report)
            self._ended(job, Status.SUCCEEDED, model=True)

    @rule(worker=workers, model=st.none() | st.builds(new_model))
    def fail(self, worker: Worker, model: NewModel | None) -> None:
        job, report = self._written(worker, 1, save=False)
        error = {"title": "It diverged"}
        written = self.attempts.fail(worker.lease, report, stop_reason="diverged", error=error, model=model)
        assert written == (job is not None)
        if job is not None:
            self._account(job, worker, report)
            self._ended(job, Status.FAILED, model=model is not None)

    @rule(worker=workers, model=st.none() | st.builds(new_model))
    def stop(self, worker: Worker, model: NewModel | None) -> None:
        job, report = self._written(worker, 1, save=False)
        written = self.attempts.cancelled(worker.lease, report, model=model)
        assert written == (job is not None and job.status is Status.CANCELLING)
        if written and job is not None:
            self._account(job, worker, report)
            self._ended(job, Status.CANCELLED, model=model is not None)

    @rule(worker=workers, count=st.integers(0, 2), save=st.booleans())
    def release(self, worker: Worker, count: int, save: bool) -> None:
        job, report = self._written(worker, count, save)
        verdict = self.attempts.release(worker.lease, report)
        if job is None:
            assert verdict is Verdict.STOP
        elif job.status is Status.CANCELLING:
            assert verdict is Verdict.CANCEL
        else:
            assert verdict is Verdict.GO_ON
            job.stalled = max(0, job.stalled - 1)
            self._account(job, worker, report)
            job.status, job.attempt = Status.QUEUED, job.attempt - 1

    @rule(job_id=jobs)
    def cancel(self, job_id: str) -> None:
        job = self.expected.get(job_id)
        if not self._refused(partial(self.store.cancel, None, job_id), job, ENDED) and job is not None:
            if job.status is Status.QUEUED:
                self._ended(job, Status.CANCELLED, model=False)
            else:
                job.status = Status.CANCELLING

    @rule(job_id=jobs)
    def remove(self, job_id: str) -> None:
        job = self.expected.get(job_id)
        if not self._refused(partial(self.store.remove, None, job_id), job, HELD):
            del self.expected[job_id]

    @rule(job_id=jobs)
    def time_passes(self, job_id: str) -> None:
        with self.database.write() as session:
            lease = update(JobRow).where(JobRow.id == job_id, JobRow.lease_owner.is_not(None))
            session.execute(lease.values(lease_expires_at=from_now(EXPIRED)))
        job = self.expected.get(job_id)
        if job is not None and job.status in HELD and not job.unowned:
            job.expired = True

    @rule()
    def sweep(self) -> None:
        swept = sweep(self.database)
        silent = {job_id: job for job_id, job in self.expected.items() if job.status in HELD and job.expired}
        became = {job_id: self._swept(job) for job_id, job in silent.items()}
        for status, found in (
            (Status.QUEUED, swept.requeued),
            (Status.FAILED, swept.failed),
            (Status.CANCELLED, swept.cancelled),
        ):
            assert sorted(found) == sorted(job_id for job_id, target in became.items() if target is status)
        waiting = {job_id for job_id, job in self.expected.items() if job.unowned or job.status is Status.QUEUED}
        assert set(swept.ring) == waiting

    def _swept(self, job: Expected) -> Status:
        if job.status is Status.CANCELLING and job.checkpoint is not None and job.stalled < MOST_STALLED_ATTEMPTS:
            job.unowned, job.token, job.expired = True, None, False
        elif job.status is Status.CANCELLING:
            self._ended(job, Status.CANCELLED, model=False)
        elif job.stalled >= MOST_STALLED_ATTEMPTS:
            self._ended(job, Status.FAILED, model=False)
        else:
            job.status = Status.QUEUED
        return job.status

    @invariant()
    def every_row_is_as_it_should_be(self) -> None:
        found = {job.id: job for job in self.store.page(None, 200).items}
        assert set(found) == set(self.expected)
        for job_id, job in self.expected.items():
            assert (found[job_id].status, found[job_id].attempt) == (job.status, job.attempt)
            assert (found[job_id].model_id is not None) == job.model
            assert (found[job_id].finished_at is not None) == (job.status in ENDED)
            history = self.store.history(None, job_id)
            assert [(row.epoch, row.training_loss) for row in history] == list(enumerate(job.epochs, 1))

    @invariant()
    def every_move_is_allowed_and_the_last_is_the_state(self) -> None:
        for job_id, job in self.expected.items():
            moves = self.store.transitions(None, job_id)
            states = [move.target for move in moves]
            assert [move.source for move in moves] == [None, *states[:-1]]
            assert all(move.source is None or move.target in MOVES[move.source] for move in moves)
            assert states[-1] is job.status
            assert sum(state in ENDED for state in states) <= 1

    @invariant()
    def only_jobs_that_may_go_on_have_a_checkpoint(self) -> None:
        with self.database.read() as session:
            saved = dict(session.execute(select(CheckpointRow.job_id, CheckpointRow.epoch)).all())
        assert saved == {job_id: job.checkpoint for job_id, job in self.expected.items() if job.checkpoint is not None}

    def _written(self, worker: Worker, count: int, save: bool) -> tuple[Expected | None, Report]:
        """The job if the worker still holds it, and the epochs it says it has trained."""
        numbers = range(worker.epoch + 1, worker.epoch + count + 1)
        rows = tuple(HistoryRow(number, float(worker.lease.token), None, 0.1, 0.1) for number in numbers)
        last = worker.epoch + count
        report = Report(epochs=rows, checkpoint=Checkpoint(last, last, b"state") if save else None)
        job = self.expected.get(worker.lease.job_id)
        if job is None or not job.holds(worker):
            worker.epoch = last
            return None, report
        return job, report

    @staticmethod
    def _account(job: Expected, worker: Worker, report: Report) -> None:
        worker.epoch += len(report.epochs)
        job.epochs += [worker.lease.token] * len(report.epochs)
        if report.checkpoint is not None:
            if report.checkpoint.step > (job.checkpoint or 0):
                job.stalled = 0
            job.checkpoint = report.checkpoint.epoch

    @staticmethod
    def _ended(job: Expected, status: Status, *, model: bool) -> None:
        job.status, job.model, job.checkpoint = status, model, None

    @staticmethod
    def _refused(ask: Callable[[], object], job: Expected | None, states: frozenset[Status]) -> bool:
        """Ask, and tell whether it was refused, which it must be for these states and for what is not there."""
        try:
            ask()
        except NotFound:
            assert job is None
            return True
        except Conflict:
            assert job is not None
            assert job.status in states
            return True
        assert job is not None
        assert job.status not in states
        return False


def test_every_promise_holds_in_any_order(database: Database) -> None:
    run_state_machine_as_test(
        partial(Life, database),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
