"""Why a job failed, as a problem object whose words tell its owner what to change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deltarule.backprop.errors import DefinitionError, Fault
from deltarule.store.errors import NotFound
from deltarule.store.records import Document
from deltarule.training.errors import DataError, ScratchError, SpecError
from deltarule.training.run import Run

INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended a job: `stop_reason` for programs, `error` (RFC 9457) for people."""

    stop_reason: str
    error: Document


def failure_of(error: Exception) -> Failure:
    """What this exception means to the owner of the job; of one that nobody foresaw, nothing is given away."""
    match error:
        case DataError():
            faults = (Fault(error.pointer, str(error)),) if error.pointer else ()
            return Failure("invalid_data", _problem("The data cannot be trained on", 422, str(error), faults))
        case SpecError() | DefinitionError():
            return Failure("invalid_spec", _problem("The job cannot be run", 422, str(error), error.faults))
        case NotFound():
            detail = f"The {error.kind} that the job needs is gone; upload it again and post the job with its new id."
            return Failure("missing_data", _problem("Something the job needs is gone", 409, detail))
        case ScratchError():
            return Failure("out_of_disk", _problem("Too little disk space", 507, str(error)))
        case MemoryError():
            detail = "There was too little memory for this run; try a smaller network, a smaller batch or fewer rows."
            return Failure("out_of_memory", _problem("Too little memory", 507, detail))
        case _:
            detail = "The run met a fault in Deltarule itself; the worker's log tells more under the job's id."
            return Failure(INTERNAL, _problem("Internal error", 500, detail))


def failure_to_finish(run: Run) -> Failure | None:
    """Why a finished run has not done what was asked of it: it diverged, or its time was up; None when it has."""
    if run.failure is not None:
        return Failure("diverged", _problem("The training diverged", 422, run.failure.sentence))
    return out_of_time(run) if run.stop_reason == "time_limit" else None


def out_of_time(run: Run) -> Failure:
    """That the run's time was up."""
    detail = (
        f"The job's time limit passed after {run.elapsed:.3g} s of training, before its last epoch; its weights of "
        "then are kept. Raise `time_limit_seconds`, or train fewer epochs."
    )
    faults = (Fault("/training/time_limit_seconds", "The run takes longer."),)
    return Failure("time_limit", _problem("The time limit passed", 422, detail, faults))


def _problem(title: str, status: int, detail: str, faults: Iterable[Fault] = ()) -> dict[str, Any]:
    errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return {"type": "about:blank", "title": title, "status": status, "detail": detail} | (
        {"errors": errors} if errors else {}
    )
