"""From a posted job to a queued one: everything that can be wrong with it is found before a row exists."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from deltarule.backprop.errors import Fault
from deltarule.store.blobs import Blobs
from deltarule.store.errors import NotFound
from deltarule.store.records import Answer, Idempotency, Job, NewDataset
from deltarule.store.thinning import history_every
from deltarule.training import preparation
from deltarule.training.advice import about_choices, about_rows
from deltarule.training.errors import DataError, SpecError
from deltarule.training.estimate import estimate
from deltarule.training.faults import source_faults
from deltarule.training.model import Model
from deltarule.training.resolution import faults_apart_from_data, resolve
from deltarule.training.spec import InlineData, Spec
from deltarule.training.tables import Format, Schema, Table, from_inline, read
from service.errors import Invalid
from service.queue import HEARD_SECONDS
from service.schemas.datasets import schema_of
from service.schemas.jobs import Estimate, JobAnswer, Validation
from service.services import Services
from service.tables import new_dataset

VALIDATION = "/training/validation_dataset_id"
SMALL_BYTES = 256 * 1024
"""A dataset up to this size is read when a job for it comes, so that what only its rows tell is said at once."""
TABLES_KEPT = 16
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: a dataset, or `content` that becomes one; `table` where they were read already."""

    pointer: str
    schema: Schema
    dataset_id: str | None = None
    content: bytes | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job that can be queued: its spec with nothing left open, its data, the model it goes on from."""

    spec: Spec
    source: Source
    continued: Model | None
    warnings: tuple[str, ...]


def prepare(services: Services, owner: str | None, posted: Spec) -> Prepared:
    """Resolve a job and check its data; nothing is written.

    Raises:
        Invalid, SpecError, DataError: with everything that is wrong.
    """
    missing: list[Fault] = []
    with _collected(missing):
        source = _source(services, owner, posted)
    with _collected(missing):
        continued = _continued(services, owner, posted)
    with _collected(missing):
        validation = _dataset(services, owner, posted.training.validation_dataset_id, VALIDATION)
    if missing:
        raise Invalid([*missing, *faults_apart_from_data(posted)])
    spec = resolve(posted, source.schema, continued, services.settings.memory_limit_bytes)
    warnings = about_choices(posted, spec, source.schema)
    if source.table is not None and (validation is None or validation.table is not None):
        with _within(source.pointer):
            rows = preparation.prepare(spec, source.table, validation.table if validation else None, continued)
        warnings += about_rows(spec, rows)
    return Prepared(spec, source, continued, warnings)


def submit(services: Services, owner: str | None, prepared: Prepared, idempotency: Idempotency[Job] | None) -> Job:
    """Queue a prepared job in one transaction, then ring a worker."""
    spec, source = prepared.spec, prepared.source
    with _kept(services, prepared) as inline:
        job = services.jobs.add(
            owner,
            name=spec.name,
            spec={**spec.model_dump(mode="json", exclude={"data"}), "data": None},
            dataset_id=source.dataset_id,
            inline=inline,
            validation_dataset_id=spec.training.validation_dataset_id,
            continued_model_id=spec.network.model_id,
            warnings=prepared.warnings,
            history_every=history_every(spec.training.epochs or 1),
            ring_after=HEARD_SECONDS,
            idempotency=idempotency,
        )
    services.doorbell.ring(job.id)
    return job


def accepted(job: Job) -> Answer:
    """What whoever queued a job is answered."""
    answer = JobAnswer.of(job)
    return Answer(202, answer.links.self, answer.model_dump_json(by_alias=True))


def _source(services: Services, owner: str | None, posted: Spec) -> Source:
    misplaced = tuple(source_faults(posted))
    if misplaced:
        raise SpecError(misplaced)
    if posted.data is not None:
        return _inline(posted.data)
    source = _dataset(services, owner, posted.dataset_id, "/dataset_id")
    assert source is not None  # noqa: S101 -- for the type checker; without data there is a dataset_id
    return source


def _inline(data: InlineData) -> Source:
    content = from_inline(data)
    with _within("/data", prefix="/data"):
        table = read(content, "json")
    return Source("/data", table.schema, content=content, table=table)


def _dataset(services: Services, owner: str | None, identifier: str | None, pointer: str) -> Source | None:
    if identifier is None:
        return None
    dataset = found(lambda: services.datasets.get(owner, identifier), pointer)
    schema = schema_of(dataset)
    small = dataset.bytes <= SMALL_BYTES
    table = _small_table(services.blobs, dataset.blob_key, dataset.bytes, schema.format) if small else None
    return Source(pointer, schema, dataset_id=dataset.id, table=table)


@lru_cache(maxsize=TABLES_KEPT)
def _small_table(blobs: Blobs, key: str, size: int, form: Format) -> Table:
    """The rows of a small dataset, which nobody ever changes: jobs on the same data come one after the other."""
    with blobs.local(key, size) as path:
        return read(path, form)


def _continued(services: Services, owner: str | None, posted: Spec) -> Model | None:
    identifier = posted.network.model_id
    if identifier is None:
        return None
    return found(lambda: services.trained.get(owner, identifier), "/network/model_id")


@contextmanager
def _collected(faults: list[Fault]) -> Iterator[None]:
    """Keep the faults of the block, so that those of the next ones are found too."""
    try:
        yield
    except (Invalid, SpecError) as error:
        faults.extend(error.faults)


def found(look: Callable[[], Found], pointer: str) -> Found:
    """What is looked up; that it is not there is a fault of the body, and not of the address."""
    try:
        return look()
    except NotFound as error:
        raise Invalid([Fault(pointer, str(error))]) from error


@contextmanager
def _within(source: str, prefix: str = "") -> Iterator[None]:
    """Faults of the data, told with their place in the job: that of the data where they have none of their own."""
    try:
        yield
    except DataError as error:
        places = ((prefix + fault.pointer if fault.pointer else source, fault.detail) for fault in error.faults)
        raise Invalid(Fault(*place) for place in places) from error


@contextmanager
def _kept(services: Services, prepared: Prepared) -> Iterator[NewDataset | None]:
    """Inline data in the blobs, as the store takes it; gone again when no dataset has come of it."""
    content, schema = prepared.source.content, prepared.source.schema
    if content is None:
        yield None
        return
    with services.blobs.writer() as upload:
        upload.write(content)
    try:
        yield new_dataset(prepared.spec.name, schema, size=upload.size, sha256=upload.sha256, blob_key=upload.key)
    finally:
        services.datasets.release(upload.key)


def validation(prepared: Prepared) -> Validation:
    """What a prepared job would be and would take."""
    expected = estimate(prepared.spec, prepared.source.schema, prepared.continued)
    return Validation(
        spec=prepared.spec.model_dump(mode="json"),
        estimate=Estimate.model_validate(expected, from_attributes=True),
        warnings=prepared.warnings,
    )
