from collections.abc import Iterator

import httpx
import pytest

from deltarule.client import Client
from tests.client.standin import StandIn, application


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


@pytest.fixture
def client(standin: StandIn) -> Iterator[Client]:
    with Client("http://service.test", transport=httpx.WSGITransport(application(standin))) as client:
        yield client
