"""Jobs as rows of the list: which there are, how each stands, how far it is, and its loss as a small curve."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from deltarule.store.records import Job
from deltarule.store.states import Status
from service.authentication import owner
from service.dashboard.polling import pace
from service.dashboard.sketches import Sketches
from service.dashboard.words import figure, name_of, reached
from service.schemas.jobs import ProgressAnswer
from service.services import services

ANY = "any status"
COLUMNS: Sequence[Mapping[str, Any]] = (
    {"field": "name", "headerName": "Name", "cellRenderer": "Link", "flex": 2, "minWidth": 150},
    {"field": "status", "headerName": "Status", "cellRenderer": "Status", "width": 142},
    {"field": "progress", "headerName": "Progress", "cellRenderer": "Progress", "flex": 1, "minWidth": 185},
    {
        "field": "curve",
        "headerName": "Loss",
        "cellRenderer": "Curve",
        "width": 150,
        "sortable": False,
        "cellDataType": False,
    },
    {"field": "training", "headerName": "Training", "width": 110, "type": "rightAligned"},
    {"field": "validation", "headerName": "Validation", "width": 115, "type": "rightAligned"},
    {"field": "made", "headerName": "Made", "cellRenderer": "Moment", "minWidth": 175},
)

_sketches = Sketches()


def rows_of(status: str, count: int) -> tuple[list[dict[str, Any]], bool]:
    """The rows of the newest jobs of this status, and whether there are older ones."""
    page = services().jobs.page(owner(), count, status=None if status == ANY else Status(status))
    curves = _sketches.of(services().jobs, owner(), page.items)
    pace(any(not job.status.ended for job in page.items))
    return [_row(job, curves.get(job.id, ())) for job in page.items], page.next is not None


def _row(job: Job, curve: Sequence[float | None]) -> dict[str, Any]:
    progress = ProgressAnswer.of(job)
    return {
        "id": job.id,
        "href": f"/jobs/{job.id}",
        "name": name_of(job.name, job.id),
        "status": job.status.value,
        "fraction": reached(job),
        "progress": f"{progress.epoch:,} of {progress.epochs:,}",
        "curve": [None if loss is None else float(f"{loss:.4g}") for loss in curve],
        "training": figure(job.metrics.get("training_loss")),
        "validation": figure(job.metrics.get("validation_loss")),
        "made": job.created_at.isoformat(),
    }


def mark(rows: Sequence[Mapping[str, Any]]) -> str:
    """What tells these rows from others, and is short enough to be sent with each question."""
    return sha256(repr(rows).encode()).hexdigest()[:16]
