from flask.testing import FlaskClient

from deltarule.training.distributions import Frequencies, Histogram
from service.distributing import distributions_of
from service.services import Services


def test_a_dataset_is_counted_once(services: Services, dataset_id: str) -> None:
    dataset = services.datasets.get(None, dataset_id)
    found = distributions_of(dataset, services.blobs)
    length, colour, kind = found.columns
    assert isinstance(length, Histogram)
    assert sum(length.counts) == found.rows == 60
    assert colour == Frequencies(("blue", "red"), (30, 30))
    assert kind == Histogram((-0.5, 0.5, 1.5, 2.5), (20, 20, 20))
    assert distributions_of(services.datasets.get(None, dataset_id), services.blobs) is found


def test_datasets_are_told_apart(services: Services, client: FlaskClient, dataset_id: str) -> None:
    other = client.post("/v1/datasets", data="length\n1.5\n", content_type="text/csv").json["id"]
    first, second = (
        distributions_of(services.datasets.get(None, each), services.blobs) for each in (dataset_id, other)
    )
    assert (first.rows, second.rows) == (60, 1)
