"""How the columns of a dataset are spread, counted when somebody looks at it first: nobody ever changes a dataset."""

from functools import lru_cache

from deltarule.store.blobs import Blobs
from deltarule.store.records import Dataset
from deltarule.training.distributions import Distributions, distributions
from deltarule.training.tables import Schema, stream
from service.schemas.datasets import schema_of

TABLES_KEPT = 16


def distributions_of(dataset: Dataset, blobs: Blobs) -> Distributions:
    """The distributions of its columns; raises DataError where its bytes are no longer what was described."""
    return _counted(blobs, dataset.blob_key, dataset.bytes, schema_of(dataset))


@lru_cache(maxsize=TABLES_KEPT)
def _counted(blobs: Blobs, key: str, size: int, schema: Schema) -> Distributions:
    with blobs.local(key, size) as path:
        return distributions(stream(path, schema.format, schema))
