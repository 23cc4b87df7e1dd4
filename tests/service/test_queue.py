import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from deltarule.store.doorbell import QUEUE, TASK, consumer_options
from deltarule.store.errors import Unavailable
from deltarule.store.jobs import Jobs
from service.queue import PAUSE_SECONDS, CeleryBroker, Doorbell


class Unheard(Jobs):
    """A store that only notes for which jobs nobody could be told."""

    def __init__(self) -> None:
        self.noted: list[str] = []
        self.broken = False

    def unheard(self, identifier: str) -> None:
        if self.broken:
            raise Unavailable("The database does not answer.")
        self.noted.append(identifier)


class Wire:
    """A broker in memory that can be cut."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.tried = 0
        self.cut = False

    def send(self, job_id: str) -> None:
        self.ping()
        self.sent.append(job_id)

    def ping(self) -> None:
        self.tried += 1
        if self.cut:
            raise ConnectionError("cut")


def test_a_ring_is_sent_and_costs_no_write() -> None:
    wire, jobs = Wire(), Unheard()
    assert Doorbell(wire, jobs).ring("job")
    assert wire.sent == ["job"]
    assert not jobs.noted


def test_a_broken_broker_costs_one_try_in_a_while() -> None:
    wire, jobs, now = Wire(), Unheard(), [0.0]
    doorbell = Doorbell(wire, jobs, clock=lambda: now[0])
    wire.cut = True
    assert not doorbell.ring("a")
    assert not doorbell.ring("b")
    assert not doorbell.reaches_broker()
    assert wire.tried == 1
    wire.cut = False
    now[0] = PAUSE_SECONDS
    assert doorbell.ring("c")
    assert wire.sent == ["c"]
    assert jobs.noted == ["a", "b"]


def test_a_lost_ring_that_cannot_be_noted_is_left_to_the_sweep() -> None:
    wire, jobs = Wire(), Unheard()
    wire.cut = jobs.broken = True
    assert not Doorbell(wire, jobs).ring("job")


@pytest.fixture(params=["folder", "redis"])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return f"filesystem://{tmp_path}/broker"
    server: str = request.getfixturevalue("redis_url").rpartition("/")[0]
    return f"{server}/9"  # a database that no other test sends to


def test_the_message_names_the_task_and_carries_the_id(broker_url: str) -> None:
    broker = CeleryBroker(broker_url)
    broker.ping()
    broker.send("the-job")
    options = consumer_options(broker_url)
    with Connection(
        options["broker_url"],
        transport=options.get("broker_transport"),
        transport_options=options["broker_transport_options"],
    ) as connection:
        message = connection.SimpleQueue(QUEUE).get(timeout=10)
        message.ack()
    assert message.headers["task"] == TASK
    assert message.payload[1] == {"job_id": "the-job"}


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word, like a broker that is frozen."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


@pytest.mark.timeout(20)
def test_a_frozen_broker_is_given_up(silent_port: int) -> None:
    doorbell = Doorbell(CeleryBroker(f"redis://127.0.0.1:{silent_port}/0"), Unheard())
    assert not doorbell.ring("job")


def test_an_absent_broker_is_given_up() -> None:
    doorbell = Doorbell(CeleryBroker("redis://127.0.0.1:1/0"), Unheard())
    assert not doorbell.ring("job")
    assert not doorbell.reaches_broker()
