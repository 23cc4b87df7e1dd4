"""From a request's bytes to a dataset: describe them first, keep them only if they are a table."""

from typing import Any

from flask import Request, Response

from deltarule.store.blobs import Blobs
from deltarule.store.quotas import Allowance
from deltarule.store.records import Answer, Dataset, Idempotency, NewDataset
from deltarule.training.tables import Schema, Table, describe, head, stream
from service.authentication import owner
from service.idempotency import create, idempotency_key
from service.schemas.datasets import DatasetAnswer, schema_of
from service.services import services
from service.uploads import Received, received, refuse_without_length


def upload(asked: Request, name: str | None) -> Response:
    """Keep the table that the request carries, and answer with its description.

    Raises:
        DataError: for what is no table; and what `uploads.received` raises. Nothing is kept then.
    """
    refuse_without_length(asked)
    asked.max_content_length = services().settings.dataset_limit_bytes
    with received(asked, services().blobs, _allowance(asked), services().datasets.release) as file:
        content = repr((file.sha256, file.format, file.name)).encode()
        return create(lambda: content, lambda idempotency: _keep(file, name or file.name, idempotency), _created)


def new_dataset(name: str | None, schema: Schema, *, size: int, sha256: str, blob_key: str) -> NewDataset:
    """A table as the store takes it."""
    description: dict[str, Any] = schema.model_dump(mode="json")
    return NewDataset(
        name=name,
        format=schema.format,
        bytes=size,
        sha256=sha256,
        rows=schema.rows,
        columns=tuple(description["columns"]),
        targets=schema.targets,
        blob_key=blob_key,
    )


def first_rows(dataset: Dataset, blobs: Blobs, count: int) -> list[dict[str, float | str | None]]:
    """The first rows; of a format that can be read in part no more than that is read."""
    schema = schema_of(dataset)
    with blobs.local(dataset.blob_key, dataset.bytes) as path:
        first = next(stream(path, schema.format, schema).parts())
    return head(Table(schema, first), count)


def _allowance(asked: Request) -> Allowance:
    """How much may come; what was kept already and comes again takes nothing more."""
    key = idempotency_key(asked)
    if key is not None and services().answers.has(owner(), key):
        return Allowance()
    return services().datasets.allowance(owner())


def _keep(file: Received, name: str | None, idempotency: Idempotency[Dataset] | None) -> Dataset:
    with services().blobs.local(file.key, file.size) as path:
        schema = describe(path, file.format)
    new = new_dataset(name, schema, size=file.size, sha256=file.sha256, blob_key=file.key)
    return services().datasets.add(owner(), new, idempotency=idempotency)


def _created(dataset: Dataset) -> Answer:
    answer = DatasetAnswer.of(dataset)
    return Answer(201, answer.links.self, answer.model_dump_json(by_alias=True))
