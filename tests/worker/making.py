"""Jobs as the service queues them, as small as they may be."""

import itertools
from collections.abc import Callable
from typing import Any

from deltarule.store.attempts import Attempts
from deltarule.store.blobs import Blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import Unavailable
from deltarule.store.jobs import Jobs
from deltarule.store.models import Models
from deltarule.store.records import Claim, Job, Lease, NewDataset, NewModel, Report
from deltarule.store.settings import Settings
from deltarule.store.states import Verdict
from deltarule.training.resolution import resolve
from deltarule.training.spec import Spec
from deltarule.training.tables import describe
from worker.execution import Execution
from worker.preparation import Preparation

CSV = "x,y\n" + "".join(f"{x / 10},{2 * x / 10 + 1}\n" for x in range(40))
ENDLESS = {"training": {"epochs": 1_000_000, "early_stopping": None}}


def submit(database: Database, blobs: Blobs, csv: str = CSV, target: str = "y", **spec: Any) -> Job:  # noqa: ANN401
    """A queued job on a dataset of its own."""
    content = csv.encode()
    with blobs.writer() as upload:
        upload.write(content)
    schema = describe(content, "csv")
    columns = tuple(column.model_dump(mode="json") for column in schema.columns)
    new = NewDataset(None, "csv", upload.size, upload.sha256, schema.rows, columns, schema.targets, upload.key)
    dataset = Datasets(database, blobs).add(None, new)
    posted = Spec.model_validate({"dataset_id": dataset.id, "target": target, **spec}, strict=False)
    resolved = resolve(posted, schema).model_dump(mode="json")
    return Jobs(database).add(None, name=None, spec=resolved, dataset_id=dataset.id, warnings=("said before",))


def settings(**values: Any) -> Settings:  # noqa: ANN401
    urls = {"database_url": "sqlite:////x", "broker_url": "filesystem:///x", "storage_url": "file:///x"}
    return Settings(**urls, **values)


def ticking(seconds: float = 1.0) -> Callable[[], float]:
    """A clock that goes on by so much whenever somebody looks at it."""
    ticks = itertools.count()
    return lambda: next(ticks) * seconds


def execution(database: Database, blobs: Blobs, attempts: Attempts | None = None, **options: Any) -> Execution:  # noqa: ANN401
    """An execution over the real store, on a clock that lets every slice of training report."""
    prepare = Preparation(Datasets(database, blobs), Models(database), blobs)
    given = {"settings": settings(), "owner": "worker-1", "clock": ticking(), "pause": lambda _: None, **options}
    return Execution(attempts or Attempts(database), given.pop("prepare", prepare), given.pop("settings"), **given)


class Watched(Attempts):
    """The real attempts; before each write, a test may do something, such as what another process would do."""

    def __init__(self, database: Database, before: Callable[[str, int, Report], None] = lambda *_: None) -> None:
        super().__init__(database)
        self.reports: list[Report] = []
        self._before = before
        self._calls: dict[str, int] = {}

    def claim(self, job_id: str, lease_owner: str, lease_seconds: float) -> Claim | None:
        self._see("claim", Report())
        return super().claim(job_id, lease_owner, lease_seconds)

    def record(self, lease: Lease, report: Report = Report(), *, lease_seconds: float) -> Verdict:  # noqa: B008
        self._see("record", report)
        verdict = super().record(lease, report, lease_seconds=lease_seconds)
        self.reports.append(report)
        return verdict

    def succeed(self, lease: Lease, report: Report = Report(), *, stop_reason: str, model: NewModel) -> Verdict:  # noqa: B008
        self._see("succeed", report)
        return super().succeed(lease, report, stop_reason=stop_reason, model=model)

    def release(self, lease: Lease, report: Report = Report()) -> Verdict:  # noqa: B008
        self._see("release", report)
        return super().release(lease, report)

    def put_off(self, lease: Lease, report: Report = Report()) -> Verdict:  # noqa: B008
        self._see("put_off", report)
        return super().put_off(lease, report)

    def _see(self, name: str, report: Report) -> None:
        self._calls[name] = self._calls.get(name, 0) + 1
        self._before(name, self._calls[name], report)


def away(*calls: tuple[str, int]) -> Callable[[str, int, Report], None]:
    """A database that does not answer these calls, each by its name and number, from 1."""

    def before(name: str, number: int, _: Report) -> None:
        if (name, number) in calls:
            raise Unavailable("The database does not answer; try again in a moment.")

    return before
