"""From a posted job to a queued one: everything that can be wrong with it is found before a row exists."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from deltarule.training.estimate import estimate
from deltarule.training.resolution import resolve
from deltarule.training.run import check

from deltarule.backprop.errors import Fault
from deltarule.store.errors import NotFound
from deltarule.store.records import Dataset, Idempotency, Job, NewDataset
from deltarule.training.errors import DataError
from deltarule.training.model import Model
from deltarule.training.spec import InlineData, Spec
from deltarule.training.tables import Schema, Table, from_inline, read
from service.errors import Invalid
from service.schemas.datasets import schema_of
from service.schemas.jobs import Estimate, Validation
from service.services import Services
from service.tables import new_dataset

SMALL_BYTES = 1024 * 1024
"""A dataset up to this size is read when a job for it comes, so that what only its rows tell is said at once."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a job's rows come from: a dataset, or `content` that becomes one; `table` where it was read."""

    schema: Schema
    dataset_id: str | None = None
    content: bytes | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job that can be queued: its spec with nothing left open, and its data."""

    spec: Spec
    source: Source


def prepare(services: Services, owner: str | None, posted: Spec) -> Prepared:
    """Resolve a job and check its data; nothing is written.

    Raises:
        Invalid, SpecError, DataError: with everything that is wrong.
    """
    source = _inline(posted.data) if posted.data is not None else _dataset(services, owner, posted.dataset_id)
    spec = resolve(posted, source.schema, _continued(services, owner, posted), services.settings.memory_limit_bytes)
    _check_validation(services, owner, spec)
    if source.table is not None:
        check(spec, source.table)
    return Prepared(spec, source)


def submit(services: Services, owner: str | None, prepared: Prepared, idempotency: Idempotency[Job] | None) -> Job:
    """Queue a prepared job in one transaction, then ring a worker."""
    spec, source = prepared.spec, prepared.source
    with _kept(services, prepared) as inline:
        job = services.jobs.add(
            owner,
            name=spec.name,
            spec=_document(spec),
            dataset_id=source.dataset_id,
            inline=inline,
            validation_dataset_id=spec.training.validation_dataset_id,
            continued_model_id=spec.network.model_id,
            idempotency=idempotency,
        )
    services.doorbell.ring(job.id)
    return job


def _inline(data: InlineData) -> Source:
    content = from_inline(data)
    with _within("/data"):
        table = read(content, "json")
    return Source(table.schema, content=content, table=table)


def _dataset(services: Services, owner: str | None, identifier: str | None) -> Source:
    if identifier is None:
        raise Invalid([Fault("/dataset_id", "A job needs data: name an uploaded dataset here, or send `data`.")])
    dataset = found(lambda: services.datasets.get(owner, identifier), "/dataset_id")
    table = _table(services, dataset) if dataset.bytes <= SMALL_BYTES else None
    return Source(schema_of(dataset), dataset_id=dataset.id, table=table)


def _table(services: Services, dataset: Dataset) -> Table:
    return read(services.blobs.path(dataset.blob_key), schema_of(dataset).format)


def _check_validation(services: Services, owner: str | None, spec: Spec) -> None:
    identifier = spec.training.validation_dataset_id
    if identifier is not None:
        found(lambda: services.datasets.get(owner, identifier), "/training/validation_dataset_id")


def _continued(services: Services, owner: str | None, posted: Spec) -> Model | None:
    identifier = posted.network.model_id
    if identifier is None:
        return None
    return found(lambda: services.trained.get(owner, identifier), "/network/model_id")


def found(look: Callable[[], Found], pointer: str) -> Found:
    """What is looked up; that it is not there is a fault of the body, and not of the address."""
    try:
        return look()
    except NotFound as error:
        raise Invalid([Fault(pointer, str(error))]) from error


@contextmanager
def _within(pointer: str) -> Iterator[None]:
    """Faults of a part, told with their place in the whole."""
    try:
        yield
    except DataError as error:
        raise Invalid([Fault(pointer + (error.pointer or ""), str(error))]) from error


@contextmanager
def _kept(services: Services, prepared: Prepared) -> Iterator[NewDataset | None]:
    """Inline data in the blobs, as the store takes it; gone again when the job is not made."""
    content, schema = prepared.source.content, prepared.source.schema
    if content is None:
        yield None
        return
    with services.blobs.writer() as upload:
        upload.write(content)
    try:
        yield new_dataset(prepared.spec.name, schema, size=upload.size, sha256=upload.sha256, blob_key=upload.key)
    except BaseException:
        services.blobs.delete(upload.key)
        raise


def validation(prepared: Prepared) -> Validation:
    """What a prepared job would be and would take."""
    expected = estimate(prepared.spec, prepared.source.schema)
    return Validation(
        spec=_document(prepared.spec),
        estimate=Estimate.model_validate(expected, from_attributes=True),
        warnings=(),
    )


def _document(spec: Spec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude={"data"})
