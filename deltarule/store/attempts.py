"""The side of a job that workers see: claim it, write to it while the lease is theirs, end it or give it back."""

from dataclasses import replace
from typing import Any

from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.identifiers import is_id
from deltarule.store.job_rows import job_record, note_move
from deltarule.store.leases import (
    GIVEN_BACK,
    PUT_OFF,
    claimable,
    deadline,
    end,
    left_behind,
    note_claim,
    take,
    why_not,
    written,
)
from deltarule.store.records import Claim, Document, Lease, NewModel, Report
from deltarule.store.states import HELD, Status, Verdict

NOTHING = Report()


class Attempts:
    """What workers do to jobs: each method is one transaction, guarded by the lease's token.

    A worker whose lease has run out may still write while nobody took the job over, and never again once somebody did.
    Every method may raise Unavailable: nothing is known then, and the same call may be repeated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, job_id: str, lease_owner: str, lease_seconds: float) -> Claim | None:
        """Take a job that waits, or whose worker's lease has run out; None when there is nothing to take.

        History beyond the checkpoint is deleted, because the run will write those epochs again.
        """
        if not is_id(job_id):
            return None
        with self._database.write() as session:
            before = claimable(session, job_id)
            if before is None:
                return None
            lease, status, started_at = take(session, before, lease_owner, lease_seconds)
            note_claim(session, before, lease, lease_owner)
            # A job that somebody may take has no model yet.
            job = replace(job_record(before, None), status=status, attempt=lease.attempt, started_at=started_at)
            return Claim(job, lease, left_behind(session, lease), bool(before.late), before.stalled_attempts)

    def record(self, lease: Lease, report: Report = NOTHING, *, lease_seconds: float) -> Verdict:
        """Write what was done and renew the lease, so that it lasts `lease_seconds` from now."""
        with self._database.write() as session:
            values = {"lease_expires_at": from_now(lease_seconds), **deadline(lease, report)}
            job = written(session, lease, HELD, report, values)
            if job is None:
                return Verdict.STOP
            return Verdict.CANCEL if job.status is Status.CANCELLING else Verdict.GO_ON

    def succeed(self, lease: Lease, report: Report = NOTHING, *, stop_reason: str, model: NewModel) -> Verdict:
        """End the job with its model: GO_ON. CANCEL: nothing was written, because somebody asked to cancel before."""
        with self._database.write() as session:
            ended = end(session, lease, Status.SUCCEEDED, report, model, stop_reason=stop_reason)
            return Verdict.GO_ON if ended else why_not(session, lease)

    def fail(
        self,
        lease: Lease,
        report: Report = NOTHING,
        *,
        stop_reason: str,
        error: Document,
        model: NewModel | None = None,
    ) -> bool:
        """End the job with a problem object, and with its last finite weights if there are any; False: not ours."""
        with self._database.write() as session:
            return end(session, lease, Status.FAILED, report, model, stop_reason=stop_reason, error=error)

    def cancelled(self, lease: Lease, report: Report = NOTHING, *, model: NewModel | None = None) -> bool:
        """End a job that somebody asked to cancel, with its last weights; False: not ours, or nobody asked."""
        with self._database.write() as session:
            return end(session, lease, Status.CANCELLED, report, model, stop_reason="cancelled")

    def release(self, lease: Lease, report: Report = NOTHING) -> Verdict:
        """Give the job back at shutdown: it is queued again as if this attempt had not been: GO_ON.

        CANCEL: nothing was written, because somebody asked to cancel before.
        """
        why = "the worker was shut down and gave the attempt back"
        return self._give_back(lease, report, GIVEN_BACK, why)

    def put_off(self, lease: Lease, report: Report = NOTHING) -> Verdict:
        """Give the job back while something it needs is away, as `release` does, but to be rung for after a pause.

        The pause is 5 s, then 10 s, ... and at most 300 s, for as long as the job is put off.
        """
        why = "something that the job needs was away, and the attempt was given back"
        return self._give_back(lease, report, PUT_OFF, why)

    def _give_back(self, lease: Lease, report: Report, values: dict[str, Any], why: str) -> Verdict:
        with self._database.write() as session:
            if written(session, lease, {Status.RUNNING}, report, values) is None:
                return why_not(session, lease)
            note_move(session, lease.job_id, Status.RUNNING, Status.QUEUED, attempt=lease.attempt, why=why)
            return Verdict.GO_ON
