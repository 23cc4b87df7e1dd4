"""Records as the store gives them, for what shows them."""

from datetime import UTC, datetime
from typing import Any

from deltarule.store.records import HistoryRow, Job, Progress
from deltarule.store.states import Status

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def job(identifier: str = "some-job", status: Status = Status.RUNNING, **more: Any) -> Job:  # noqa: ANN401 -- fields
    """A job as its row stands."""
    given: dict[str, Any] = {
        "owner": None,
        "name": None,
        "spec": {"training": {"epochs": 10}, "loss": {"name": "cross_entropy"}, "network": {"layers": []}},
        "dataset_id": None,
        "validation_dataset_id": None,
        "continued_model_id": None,
        "created_at": AT,
        "started_at": None,
        "finished_at": None,
        "attempt": 1,
        "engine": None,
        "progress": None,
        "metrics": {},
        "stop_reason": None,
        "warnings": (),
        "error": None,
        "model_id": None,
    }
    return Job(id=identifier, status=status, **(given | more))


def row(epoch: int, training: float | None, validation: float | None = None, *norms: float | None) -> HistoryRow:
    """What one epoch was like."""
    return HistoryRow(epoch, training, validation, learning_rate=0.1, seconds=0.01, gradient_norm=norms)


def progress(epoch: int, epochs: int) -> Progress:
    """How far a run is."""
    return Progress(epoch, epochs, epoch / epochs)
