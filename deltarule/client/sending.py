"""A table on its way to the service, where it becomes a dataset."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deltarule.client.answers import Dataset
from deltarule.client.errors import ClientError
from deltarule.client.pairing import Arrays, Table
from deltarule.client.session import Session, idempotency_key
from deltarule.client.transport import Request
from deltarule.client.uploads import upload_of

UPLOAD_SECONDS = 300.0


def uploaded(session: Session, table: Table | Arrays, name: str | None = None) -> Dataset:
    """The dataset that this table has become, once, however often the connection broke meanwhile."""
    upload = upload_of(table)
    request = Request(
        "POST",
        "/v1/datasets",
        {"name": given} if (given := name or upload.name) else {},
        upload.content,
        {"Content-Type": upload.media_type, **idempotency_key()},
        UPLOAD_SECONDS,
    )
    return session.read(Dataset, session.document(request))


@contextmanager
def for_a_while(session: Session, table: Table | Arrays) -> Iterator[Dataset]:
    """A dataset that is gone afterwards."""
    dataset = uploaded(session, table)
    try:
        yield dataset
    finally:
        with suppress(ClientError):
            session.delete(f"/v1/datasets/{dataset.id}")
