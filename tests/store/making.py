"""Things to put into a store, as small as they may be."""

import hashlib
from typing import Any

from deltarule.store.attempts import Attempts
from deltarule.store.blobs import Blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.jobs import Jobs
from deltarule.store.records import Checkpoint, Claim, Dataset, HistoryRow, Job, NewDataset, NewModel, Progress, Report

LEASE_SECONDS = 86400.0
"""So long that none runs out by itself, even where the machine stands still for a while."""
EXPIRED = -1.0
"""A lease that lasts this long has run out."""
OWNER, STRANGER, UNKNOWN = (f"01900000-0000-7000-8000-00000000000{last}" for last in "abc")
"""Ids that nothing has; fixed, because they name tests."""
CSV = b"a,b\n1,2\n"


def new_dataset(blobs: Blobs, content: bytes = CSV, name: str | None = "table") -> NewDataset:
    with blobs.writer() as upload:
        upload.write(content)
    columns = ({"name": "a", "type": "numeric"}, {"name": "b", "type": "numeric"})
    return NewDataset(name, "csv", upload.size, upload.sha256, 1, columns, "none", upload.key)


def dataset(database: Database, blobs: Blobs, owner: str | None = None) -> Dataset:
    return Datasets(database, blobs).add(owner, new_dataset(blobs))


def job(database: Database, owner: str | None = None, name: str | None = "job") -> Job:
    return Jobs(database).add(owner, name=name, spec={"name": name})


def claimed(database: Database, worker: str = "worker-1", lease_seconds: float = LEASE_SECONDS) -> Claim:
    """A new job, in a worker's hands."""
    claim = Attempts(database).claim(job(database).id, worker, lease_seconds)
    assert claim is not None
    return claim


def epoch(number: int) -> HistoryRow:
    return HistoryRow(number, 1 / number, 2 / number, 0.01, 0.5, (0.25, 0.125), {"validation_accuracy": 0.5})


def report(first: int, last: int, checkpoint: bool = False) -> Report:
    """The epochs from the first to the last, perhaps with a checkpoint after them."""
    return Report(
        epochs=tuple(epoch(number) for number in range(first, last + 1)),
        progress=Progress(last, 100, last / 100, 1000.0, 3.5),
        metrics={"training_loss": 1 / last},
        checkpoint=Checkpoint(last, 10 * last, f"state {last}".encode()) if checkpoint else None,
    )


def new_model(content: bytes = b"weights") -> NewModel:
    return NewModel(
        task="classification",
        parameters=7,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        description={"network": {"layers": []}, "inputs": [], "target": ["y"]},
        metrics={"training": {"accuracy": 1.0}, "validation": None},
    )


def key_row(identifier: str, **values: object) -> dict[str, Any]:
    """The values of a row that depends on no other."""
    return {"id": identifier, "name": "0", "secret_sha256": identifier, **values}
