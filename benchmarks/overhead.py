"""What history, heartbeats and checkpoints cost: a training through a worker's execution and as a bare loop, in turns.

    python benchmarks/overhead.py [--rounds 8] [--seconds 4]

Workloads A and B of benchmarks/workloads.py, on SQLite and on a PostgreSQL of its own, which must be installed on this
machine; after each slice of the worker its batches are trained once more as one call, in the same process. Checkpoints
are made every two seconds instead of every ten. Prints the share of
the training time that the service adds, the same in processor time of the worker's process, which a busy machine does
not change, and the milliseconds from the last epoch to the end of the job; and the share of the bare loop that goes
into the gradient norms of the history, which it has in it. benchmarks/service.py writes the same down.
"""

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
import structlog
from stacks import postgresql
from workloads import Workload, named

from deltarule.backprop.compiled.norms import euclidean_norm
from deltarule.backprop.engines import make_ready
from deltarule.store.attempts import Attempts
from deltarule.store.blobs import open_blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.jobs import Jobs
from deltarule.store.models import Models
from deltarule.store.records import Job, NewDataset
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings
from deltarule.store.thinning import history_every
from deltarule.training.resolution import resolve
from deltarule.training.run import Progress, Run
from deltarule.training.spec import Spec
from deltarule.training.tables import describe
from worker.execution import Execution, Outcome
from worker.preparation import Preparation

BARS = {"A": 5.0, "B": 2.0}
ENDING_BAR = 50.0
SAMPLES_PER_SECOND = {"A": 3_000_000, "B": 600_000}


Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds, and seconds of the processor in this process."""

    seconds: float
    processor: float

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(self.seconds + other.seconds, self.processor + other.processor)

    def __sub__(self, other: "Spent") -> "Spent":
        """What was spent since then."""
        return Spent(self.seconds - other.seconds, self.processor - other.processor)

    @classmethod
    def now(cls) -> "Spent":
        """What both clocks say."""
        return cls(time.perf_counter(), time.process_time())


class Turns:
    """The same training twice, in turns: a slice as the worker takes it, and its batches once more as one call.

    A machine that is now fast and now slow changes both alike. To the worker, time stands still in the second of each
    two.
    """

    def __init__(self) -> None:
        self.began: Spent | None = None
        self.ended = self.slices = self.bare = Spent(0.0, 0.0)

    def clock(self) -> float:
        """Seconds, without those of the bare loop."""
        return time.monotonic() - self.bare.seconds

    def take(self, slice_: Callable[[], Taken], batches: Callable[[], object]) -> Taken:
        """One turn of each."""
        before = Spent.now()
        self.began = self.began or before
        taken = slice_()
        between, alone = Spent.now(), time.thread_time()
        batches()
        # Of this thread alone: beside it the worker may be writing a report.
        alone = time.thread_time() - alone
        self.ended = Spent.now()
        self.slices += between - before
        self.bare += Spent((self.ended - between).seconds, alone)
        return taken

    @property
    def added(self) -> tuple[float, float]:
        """What is added to the bare loop by slices and all around them, in percent: of its time and processor time."""
        assert self.began is not None  # noqa: S101 -- nothing was trained
        return self._percent(self.ended - self.began - self.bare - self.bare)

    @property
    def sliced(self) -> tuple[float, float]:
        """The slices alone, in percent of the bare loop: of its time, and of its processor time."""
        return self._percent(self.slices)

    def _percent(self, spent: Spent) -> tuple[float, float]:
        return spent.seconds / self.bare.seconds * 100, spent.processor / self.bare.processor * 100


class Watched(Run):
    """A run with a second one beside it."""

    turns: Turns
    second: Run

    def advance(self, seconds: float = 0.05, *, one_epoch: bool = False) -> Progress:
        """As a run does."""
        before = self._tally.batches
        return self.turns.take(
            lambda: super(Watched, self).advance(seconds, one_epoch=one_epoch),
            lambda: self._once_more(self._tally.batches - before),
        )

    def _once_more(self, batches: int) -> None:
        self.second._trainer.advance(batches)


class Place:
    """A database with its worker, in a folder."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        given = {"database_url": database_url} if database_url else {}
        settings = Settings(data=folder, checkpoint_seconds=2, **given)
        upgrade(settings.database_url)
        self.database = Database.from_settings(settings, durable=False)
        self.blobs = open_blobs(settings.storage_url)
        self.datasets = Datasets(self.database, self.blobs)
        prepare = Preparation(self.datasets, Models(self.database), self.blobs)
        self.prepare: Callable[[Job], Run] = prepare
        self._settings = settings
        self._turn = 0

    def submit(self, workload: Workload, epochs: int) -> Job:
        """A queued job of this workload."""
        table = _table(workload)
        with self.blobs.writer() as upload:
            upload.write(table)
        schema = describe(table, "csv")
        columns = tuple(column.model_dump(mode="json") for column in schema.columns)
        new = NewDataset(None, "csv", upload.size, upload.sha256, schema.rows, columns, schema.targets, upload.key)
        spec = _spec(workload, self.datasets.add(None, new).id, epochs)
        document = resolve(spec, schema).model_dump(mode="json")
        every = history_every(epochs)
        jobs = Jobs(self.database)
        return jobs.add(None, name=None, spec=document, dataset_id=document["dataset_id"], history_every=every)

    def executed(self, job: Job) -> tuple[float, float, float]:
        """What the worker adds to a training, in percent of the time and of the processor time, and its end in ms.

        The end is what comes from the last epoch to the end of the job.
        """
        turns = Turns()

        def watched(job: Job) -> Run:
            # Which of the two is made first is not the same each time: where in memory it lies tells in its speed.
            pair = [self.prepare(job), self.prepare(job)]
            self._turn = 1 - self._turn
            run, second = pair[self._turn], pair[1 - self._turn]
            run.__class__ = Watched
            assert isinstance(run, Watched)  # noqa: S101
            run.turns, run.second = turns, second
            return run

        worker = Execution(Attempts(self.database), watched, self._settings, owner="benchmark", clock=turns.clock)
        outcome = worker.execute(job.id)
        end = Spent.now()
        assert outcome is Outcome.SUCCEEDED, outcome  # noqa: S101 -- anything else was no measurement
        return *turns.added, (end - turns.ended).seconds * 1e3


def _table(workload: Workload) -> bytes:
    generator = np.random.default_rng(7)
    inputs = generator.standard_normal((workload.rows, workload.inputs), dtype=np.float32)
    labels = generator.integers(workload.outputs, size=workload.rows)
    names = [*(f"x{number}" for number in range(workload.inputs)), "label"]
    lines = (",".join((*map(str, row), f"c{label}")) for row, label in zip(inputs.tolist(), labels, strict=True))
    return "\n".join((",".join(names), *lines)).encode()


def _spec(workload: Workload, dataset: str, epochs: int) -> Spec:
    hidden = [{"units": units, "activation": "relu"} for units in workload.hidden]
    training = {"epochs": epochs, "batch_size": workload.batch, "validation_fraction": 0.0, "early_stopping": None}
    document: dict[str, Any] = {"dataset_id": dataset, "target": "label", "training": training}
    document |= {"network": {"layers": [*hidden, {}]}, "optimizer": {"name": workload.optimizer}}
    return Spec.model_validate(document, strict=False)


@numba.njit(error_model="numpy", fastmath={"reassoc", "contract"})  # type: ignore[untyped-decorator]
def norms(gradient: np.ndarray[Any, Any], bounds: np.ndarray[Any, Any], steps: int) -> float:
    """The norm of each layer's gradient, as so many steps take it."""
    total = 0.0
    for _ in range(steps):
        for number in range(len(bounds) - 1):
            gradient[bounds[number]] += gradient[bounds[number]]  # another gradient, or it would be computed once
            total += euclidean_norm(gradient[bounds[number] : bounds[number + 1]])
            gradient[bounds[number]] = 1
    return total


def norms_alone(place: Place, job: Job) -> tuple[float, float]:
    """What the gradient norms of a training take, in percent of its time and of its processor time."""
    run, turns = place.prepare(job), Turns()
    shape, trainer = run._shape, run._trainer
    gradient = np.ones(shape.size, shape.dtype)
    bounds = np.array([0, *(layer.stop for layer in shape.layers)])
    norms(gradient, bounds, 1)
    while not trainer.stop_reason:
        turns.take(
            lambda: norms(gradient, bounds, trainer.batches_per_epoch),
            lambda: trainer.advance(trainer.batches_per_epoch),
        )
    return turns.sliced


def compared(workload: Workload, places: dict[str, Place], rounds: int, seconds: float) -> list[str]:
    """Lines of the table: what each place adds."""
    epochs = round(SAMPLES_PER_SECOND[workload.name] * seconds / workload.rows)
    measured: dict[str, list[tuple[float, float, float]]] = {name: [] for name in places}
    shares = []
    for _ in range(rounds):
        jobs = {name: place.submit(workload, epochs) for name, place in places.items()}
        shares.append(norms_alone(places["SQLite"], jobs["SQLite"]))
        for name, place in places.items():
            measured[name].append(place.executed(jobs[name]))
    lines = [
        _line(f"{workload.name}, {epochs:,} epochs, {name}", measured[name], BARS[workload.name]) for name in places
    ]
    share, processor = map(statistics.median, zip(*shares, strict=True))
    return [*lines, f"| {workload.name}, its gradient norms alone | {share:.1f} | {processor:.1f} | |"]


def _line(name: str, measured: list[tuple[float, float, float]], bar: float) -> str:
    share, processor, end = (statistics.median(values) for values in zip(*measured, strict=True))
    return f"| {name} | {_judged(share, bar)} | {_judged(processor, bar)} | {_judged(end, ENDING_BAR)} |"


def _judged(value: float, bar: float) -> str:
    return f"{value:.1f} (bar {bar:g}: {'reached' if value < bar else 'not reached'})"


def table(rounds: int, seconds: float) -> list[str]:
    """The lines of the table, in Markdown, for so many rounds with trainings of about so many seconds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    make_ready()
    lines = [
        "| | of the time, % | of the processor time, % | last epoch to `succeeded`, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, postgresql() as server:
        places = {"SQLite": Place(Path(one)), "PostgreSQL": Place(Path(two), server.url)}
        return lines + [line for name in BARS for line in compared(named(name), places, rounds, seconds)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=4.0, help="of training in each turn, about")
    options = parser.parse_args()
    print("\n".join(table(options.rounds, options.seconds)))


if __name__ == "__main__":
    main()
