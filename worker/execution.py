"""One job from its claim to its end: whatever happens in between, it is not left half done.

The rows are the truth. Every write here is guarded by the lease, and one that is refused ends the work on the job,
quietly, because somebody else has it now.
"""

import time
from collections.abc import Callable
from enum import Enum
from logging import ERROR, INFO
from typing import TypeVar

import structlog

from deltarule.backprop.errors import StateError
from deltarule.store.attempts import Attempts
from deltarule.store.errors import Unavailable
from deltarule.store.records import Claim, Job, NewModel, Report
from deltarule.store.settings import Settings
from deltarule.store.states import Status, Verdict
from deltarule.training.run import Run
from worker.failures import INTERNAL, Failure, failure_of, failure_to_finish, out_of_time
from worker.journal import Journal
from worker.keeping import Keeper
from worker.reporting import Reporter
from worker.threads import Threads

SLICE_SECONDS = 0.05
"""How long to train without looking up: a cancel, a shutdown and the end of a lease are all seen so soon."""
RETRY_SECONDS = 0.5

Answer = TypeVar("Answer")


class Outcome(Enum):
    """How the work on a job ended."""

    NOTHING = "nothing to do"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RELEASED = "given back"
    """The worker stops; another may take the job at once."""
    PUT_OFF = "put off"
    """Something that the job needs is away; it waits until it is rung for again."""
    LOST = "lost"
    """The job is somebody else's, or the database cannot be told; it is found when its lease has run out."""


class Execution:
    """Carries out jobs, one at a time.

    Args:
        attempts: where jobs are claimed and reported to.
        prepare: makes a job's run, at its start.
        settings: times of leases and checkpoints.
        owner: the name of this worker, for people.
        stopping: whether the worker is asked to end: the job is then given back, with a checkpoint.
        beat: called again and again while all is well.
        threads: sets how many train a run.
        give_up: ends the process, because a step of its job hangs; called from another thread.
        clock: answers seconds.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        attempts: Attempts,
        prepare: Callable[[Job], Run],
        settings: Settings,
        *,
        owner: str,
        stopping: Callable[[], bool] = lambda: False,
        beat: Callable[[], None] = lambda: None,
        threads: Threads | None = None,
        give_up: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.attempts = attempts
        self.prepare = prepare
        self.settings = settings
        self.owner = owner
        self.stopping = stopping
        self.beat = beat
        self.threads = threads or Threads()
        self.give_up = give_up
        self.idle_since: float | None = time.monotonic()
        self.clock = clock
        self.pause = pause

    def execute(self, job_id: str) -> Outcome:
        """Train the job if it waits, or if its worker was lost, and tell how that ended.

        A message that came twice or too late finds nothing to do. Raises Unavailable when the job could not even be
        claimed; it is rung for again.
        """
        self.idle_since = None
        try:
            return self._execute(job_id)
        finally:
            self.idle_since = time.monotonic()

    def _execute(self, job_id: str) -> Outcome:
        if self.stopping():
            return Outcome.RELEASED
        claim = self.attempts.claim(job_id, self.owner, self.settings.lease_seconds)
        if claim is None:
            return Outcome.NOTHING
        with structlog.contextvars.bound_contextvars(job_id=job_id, attempt=claim.lease.attempt):
            began = self.clock()
            structlog.get_logger().info("job begins", resumes_after_epoch=claim.checkpoint and claim.checkpoint.epoch)
            outcome = _Attempt(self, claim).carry_out()
            structlog.get_logger().info("job ends", outcome=outcome.value, seconds=round(self.clock() - began, 3))
            return outcome


class _Attempt:
    """One claimed job."""

    def __init__(self, execution: Execution, claim: Claim) -> None:
        self._execution = execution
        self._attempts = execution.attempts
        self._claim = claim
        self._lease = claim.lease
        times = execution.settings
        self._journal = Journal(
            claim.job.warnings,
            times.checkpoint_seconds,
            times.heartbeat_seconds,
            execution.clock,
            every=claim.job.history_every,
            hasty=claim.stalled_attempts > 0,
        )
        self._keeper = Keeper(self._renew, times.heartbeat_seconds, times.stall_seconds, execution.give_up)
        self._reporter = Reporter(self._written)
        self._asked = Verdict.GO_ON
        """What a renewal of the lease amid some work has heard: it is done once the work can look up."""

    def carry_out(self) -> Outcome:
        """Prepare, train and end the job; every exception ends it too."""
        try:
            with self._keeper, self._reporter:
                return self._carried_out()
        except Unavailable as error:
            structlog.get_logger().warning("job put off", reason=str(error), cause=repr(error.__cause__))
            return self._put_off()
        except Exception as error:
            return self._fail_with(error)

    def _carried_out(self) -> Outcome:
        with self._keeper.preparation():
            run = self._prepared()
        if self._claim.job.status is Status.CANCELLING:
            return self._cancel(run)
        return self._end_late(run) if self._claim.out_of_time else self._train(run)

    def _prepared(self) -> Run:
        run = self._execution.prepare(self._claim.job)
        self._journal.threads = self._execution.threads.set_for(self._claim.job, run)
        if self._claim.checkpoint is not None:
            try:
                self._journal.resume(run, self._claim.checkpoint)
            except StateError as error:
                # Damaged, or of another version: from its start the run is the same, only longer.
                structlog.get_logger().warning("checkpoint not usable", reason=str(error))
        return run

    def _renew(self) -> bool:
        """Renew the lease and beat; False when the job is not ours any longer.

        Who asks to cancel is not kept waiting for the data of a large table, or for a batch of minutes, as long as
        there is nothing to keep: the job ends here, and what the work still comes to is refused.
        """
        self._execution.beat()
        try:
            verdict = self._attempts.record(self._lease, lease_seconds=self._execution.settings.lease_seconds)
        except Exception as error:
            # Whoever has the job next is told by the lease; what is wrong here is met again by the work itself.
            structlog.get_logger().warning("lease not renewed", job_id=self._lease.job_id, reason=repr(error))
            return True
        if verdict is Verdict.CANCEL and self._nothing_to_keep and self._ended_from_outside():
            verdict = Verdict.STOP
        self._asked = verdict
        return verdict is not Verdict.STOP

    @property
    def _nothing_to_keep(self) -> bool:
        return self._claim.checkpoint is None and self._journal.epoch == 0

    def _ended_from_outside(self) -> bool:
        """End the job as cancelled while the work on it goes on; False where the database cannot be told just now."""
        try:
            self._attempts.cancelled(self._lease)
        except Exception as error:
            structlog.get_logger().warning("cancel put off", job_id=self._lease.job_id, reason=repr(error))
            return False
        return True

    def _train(self, run: Run) -> Outcome:
        self._journal.begin()
        try:
            verdict = self._trained(run)
        except Exception:
            self._hear_and_go_on()
            raise
        # Nothing is written any more when the job ends, whose end tells what came of the last report anyway.
        self._hear()
        if verdict is Verdict.GO_ON:
            return self._finish(run) if run.finished else self._release(run)
        return self._cancel(run) if verdict is Verdict.CANCEL else Outcome.LOST

    def _trained(self, run: Run) -> Verdict:
        """Train to the end (GO_ON), until the worker is to stop (GO_ON too), or until the job is not to go on."""
        if self._asked is not Verdict.GO_ON:
            return self._asked
        while not run.finished and not self._execution.stopping():
            with self._keeper.step():
                progress = run.advance(SLICE_SECONDS, one_epoch=not self._journal.told_first)
            self._journal.add(progress)
            self._execution.beat()
            # Heard amid the slice, it is not to be heard once more after another one, which may take long too.
            verdict = self._report(run) if self._asked is Verdict.GO_ON else self._asked
            if verdict is not Verdict.GO_ON:
                return verdict
        return Verdict.GO_ON

    def _report(self, run: Run) -> Verdict:
        """Write what was done, if it is time; while the database is away, go on and keep it.

        An attempt's first epoch is written here and now, because somebody looks at the job. What came of all others is
        heard after a later slice, before the next report at the latest.
        """
        verdict = self._hear() if self._reporter.answered or self._journal.due else Verdict.GO_ON
        if verdict is not Verdict.GO_ON or not self._journal.due:
            return verdict
        first = not self._journal.told_first
        report = self._told(run)
        if first:
            return self._settled(lambda: (report, self._written(report)))
        self._reporter.begin(report)
        return Verdict.GO_ON

    def _hear(self) -> Verdict:
        """What came of the report that is being written, if one is; waits for it."""
        return self._settled(self._reporter.answer) if self._reporter.writes else Verdict.GO_ON

    def _hear_and_go_on(self) -> None:
        """The same where training has failed, which is what the job is to end with, whatever is wrong with a report."""
        try:
            self._hear()
        except Exception:
            structlog.get_logger().exception("report not written")

    def _told(self, run: Run, *, checkpoint: bool | None = None) -> Report:
        """What the run tells: it measures and copies for that, which may take longer than a lease."""
        with self._keeper.preparation():
            return self._journal.report(run, checkpoint=checkpoint)

    def _settled(self, answer: Callable[[], tuple[Report, Verdict]]) -> Verdict:
        """What came of a report; one that the database was away for is kept."""
        try:
            report, verdict = answer()
        except Unavailable as error:
            structlog.get_logger().warning("report put off", reason=str(error), cause=repr(error.__cause__))
            self._journal.put_off()
            return Verdict.GO_ON
        self._journal.written(report)
        return verdict

    def _written(self, report: Report) -> Verdict:
        return self._attempts.record(self._lease, report, lease_seconds=self._execution.settings.lease_seconds)

    def _end_late(self, run: Run) -> Outcome:
        """End a job whose time passed in the hands of a worker that did not look up."""
        return self._fail(out_of_time(run), self._last_weights(run), self._last_words(run))

    def _finish(self, run: Run) -> Outcome:
        failure = failure_to_finish(run)
        if failure is not None:
            return self._fail(failure, self._last_weights(run), self._last_words(run))
        model, report = self._new_model(run), self._told(run, checkpoint=False)
        reason = run.stop_reason or "epochs_done"
        verdict = self._insist(lambda: self._attempts.succeed(self._lease, report, stop_reason=reason, model=model))
        if verdict is Verdict.CANCEL:
            return self._cancel(run)
        return Outcome.SUCCEEDED if verdict is Verdict.GO_ON else Outcome.LOST

    def _last_weights(self, run: Run) -> NewModel | None:
        """What a failed run leaves: the weights after at least one epoch, if a model can be made of them."""
        return self._weights(run) if self._journal.epoch else None

    def _weights(self, run: Run) -> NewModel | None:
        """The weights as they are, if a model can be made of them: whether it can changes nothing about the end."""
        try:
            return self._new_model(run)
        except Exception:
            structlog.get_logger().exception("last weights not kept")
            return None

    def _last_words(self, run: Run) -> Report:
        """What is not written yet, with what the run tells of why it failed, if it can tell."""
        try:
            return self._told(run, checkpoint=False)
        except Exception:
            structlog.get_logger().exception("last words not kept")
            return self._journal.rest(ending=True)

    def _new_model(self, run: Run) -> NewModel:
        with self._keeper.preparation():
            return new_model(run)

    def _cancel(self, run: Run) -> Outcome:
        model, report = self._weights(run), self._last_words(run)
        ended = self._insist(lambda: self._attempts.cancelled(self._lease, report, model=model))
        return Outcome.CANCELLED if ended else Outcome.LOST

    def _release(self, run: Run) -> Outcome:
        report = self._told(run, checkpoint=True)
        verdict = self._insist(lambda: self._attempts.release(self._lease, report))
        if verdict is Verdict.CANCEL:
            return self._cancel(run)
        return Outcome.RELEASED if verdict is Verdict.GO_ON else Outcome.LOST

    def _put_off(self) -> Outcome:
        """Give the job back while something it needs is away; the sweeper rings for it again, after a pause.

        One that is to be cancelled has nothing to wait for.
        """
        try:
            verdict = self._attempts.put_off(self._lease, self._journal.rest())
            if verdict is Verdict.CANCEL:
                ended = self._attempts.cancelled(self._lease, self._journal.rest(ending=True))
                return Outcome.CANCELLED if ended else Outcome.LOST
        except Unavailable:
            # The lease runs out, and then the job is found.
            return Outcome.LOST
        return Outcome.PUT_OFF if verdict is Verdict.GO_ON else Outcome.LOST

    def _fail_with(self, error: Exception) -> Outcome:
        failure = failure_of(error)
        foreseen = failure.stop_reason != INTERNAL
        structlog.get_logger().log(INFO if foreseen else ERROR, "job fails", reason=repr(error), exc_info=not foreseen)
        # What the failed run has in memory hangs on its frames, and may be what there was too little of.
        error.__traceback__ = None
        try:
            return self._fail(failure)
        except Unavailable:
            return Outcome.LOST

    def _fail(self, failure: Failure, model: NewModel | None = None, report: Report | None = None) -> Outcome:
        report = report or self._journal.rest(ending=True)
        ended = self._insist(
            lambda: self._attempts.fail(
                self._lease, report, stop_reason=failure.stop_reason, error=failure.error, model=model
            )
        )
        return Outcome.FAILED if ended else Outcome.LOST

    def _insist(self, write: Callable[[], Answer]) -> Answer:
        """Write what ends the work on the job, again and again while the database is away.

        Raises Unavailable when the worker has to stop before it answered: the lease runs out, and the job is found.
        """
        while True:
            try:
                return write()
            except Unavailable as error:
                if self._execution.stopping():
                    raise
                structlog.get_logger().warning("end put off", reason=str(error), cause=repr(error.__cause__))
                self._execution.beat()
                self._execution.pause(RETRY_SECONDS)


def new_model(run: Run) -> NewModel:
    """The run's model as the store takes it."""
    model = run.model()
    return NewModel(
        task=model.form.task,
        parameters=run.parameters,
        sha256=model.weights_sha256,
        content=model.to_bytes(),
        description=model.description(),
        metrics=run.metrics(),
    )
