"""The row is the job; this only rings: a worker that hears it looks at the row, and one that does not is rung again."""

import time
from collections.abc import Callable
from typing import Protocol

import structlog
from kombu.connection import Connection

from deltarule.store.doorbell import producer_options, ringer
from deltarule.store.errors import StoreError
from deltarule.store.jobs import Jobs

HEARD_SECONDS = 5.0
"""A message is heard sooner, or there is a queue, or it was lost: from then on the sweep rings for its job."""
PAUSE_SECONDS = 10.0
"""After a failure nothing is sent for so long: a broker that hangs costs one request and not all of them."""


class Broker(Protocol):
    """Where messages for workers go; both methods take three seconds at most, and raise what the driver raises."""

    def send(self, job_id: str) -> None:
        """Publish that this job waits."""

    def ping(self) -> None:
        """Raise when the broker does not answer."""


class Doorbell:
    """Rings a worker for a job, and never stands in a request's way: whatever fails is logged, and rung by the sweeper.

    `clock` answers seconds.
    """

    def __init__(self, broker: Broker, jobs: Jobs, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._jobs = jobs
        self._clock = clock
        self._paused_until = 0.0

    def ring(self, job_id: str) -> bool:
        """Tell a worker that this job waits; False when nobody could be told now."""
        if self._tried(lambda: self._broker.send(job_id)):
            return True
        try:
            self._jobs.unheard(job_id)
        except StoreError as error:
            # Then the sweep rings when the message would have been heard.
            structlog.get_logger().warning("lost ring not noted", job_id=job_id, reason=str(error))
        return False

    def reaches_broker(self) -> bool:
        """Whether the broker answers."""
        return self._tried(self._broker.ping)

    def _tried(self, action: Callable[[], None]) -> bool:
        if self._clock() < self._paused_until:
            return False
        try:
            action()
        except Exception as error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            structlog.get_logger().warning("broker not reached", reason=repr(error), pause_seconds=PAUSE_SECONDS)
            return False
        return True


class CeleryBroker:
    """The broker that the workers listen to."""

    def __init__(self, url: str) -> None:
        options = producer_options(url)
        self._ring = ringer(url)
        self._connection = Connection(  # type: ignore[no-untyped-call]
            options["broker_url"],
            transport=options.get("broker_transport"),
            transport_options=options["broker_transport_options"],
        )

    def send(self, job_id: str) -> None:
        """Publish that this job waits."""
        self._ring(job_id)

    def ping(self) -> None:
        """Raise when the broker does not answer."""
        with self._connection.clone() as connection:  # type: ignore[no-untyped-call]
            connection.default_channel.close()
