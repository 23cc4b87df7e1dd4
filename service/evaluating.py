"""How good a trained model is on a dataset that it may never have seen."""

from collections.abc import Iterator
from contextlib import contextmanager

from deltarule.backprop.errors import Fault
from deltarule.training.errors import DataError
from deltarule.training.evaluation import evaluate, fitted
from deltarule.training.metrics import Metrics
from deltarule.training.tables import stream
from service.errors import Invalid
from service.schemas.datasets import schema_of
from service.services import Services
from service.submission import found

DATASET = "/dataset_id"


def evaluated(services: Services, owner: str | None, model_id: str, dataset_id: str) -> Metrics:
    """The model's metrics on the dataset, which is read part by part.

    Raises:
        NotFound: there is no such model.
        Invalid: whatever is wrong with the dataset, told of what named it.
    """
    model = services.trained.get(owner, model_id)
    dataset = found(lambda: services.datasets.get(owner, dataset_id), DATASET)
    with _told_of(DATASET), services.blobs.local(dataset.blob_key, dataset.bytes) as path:
        known = fitted(model, schema_of(dataset))
        return evaluate(model, stream(path, known.format, known))


@contextmanager
def _told_of(pointer: str) -> Iterator[None]:
    """Whatever is wrong with the data is a fault of what the body names there."""
    try:
        yield
    except DataError as error:
        raise Invalid(Fault(pointer, fault.detail) for fault in error.faults) from error
