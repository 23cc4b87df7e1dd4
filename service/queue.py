"""The row is the job; this only rings: a worker that hears it looks at the row, and one that does not is rung again."""

import threading
import time
from collections.abc import Callable

import structlog
from celery import Celery

from deltarule.store.doorbell import producer_options
from deltarule.store.errors import StoreError
from deltarule.store.jobs import Jobs

TASK = "worker.tasks.train"
PAUSE_SECONDS = 10.0
"""After a failure nothing is sent for so long: a broker that hangs costs one request and not all of them."""


class Doorbell:
    """Rings a worker for a job, and never stands in a request's way: whatever fails is logged, and rung by the sweeper.

    `send` publishes one message; `clock` answers seconds.
    """

    def __init__(
        self, send: Callable[[str], None], jobs: Jobs, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._jobs = jobs
        self._clock = clock
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def ring(self, job_id: str) -> bool:
        """Tell a worker that this job waits; False when nobody could be told now."""
        if self._clock() < self._closed_until:
            return False
        try:
            self._send(job_id)
            self._jobs.rung(job_id)
        except StoreError as error:
            # The message is out; that the row does not know it costs one superfluous ring.
            structlog.get_logger().warning("ring not noted", job_id=job_id, reason=str(error))
        except Exception as error:  # noqa: BLE001 -- kombu's transports raise what their drivers raise
            self._pause(job_id, error)
            return False
        return True

    def _pause(self, job_id: str, error: Exception) -> None:
        with self._lock:
            self._closed_until = self._clock() + PAUSE_SECONDS
        structlog.get_logger().warning("broker not reached", job_id=job_id, reason=type(error).__name__)


def sender(broker_url: str) -> Callable[[str], None]:
    """What publishes a message for a job, by the name of the worker's task, trying once and for at most two seconds."""
    producer = Celery("deltarule", set_as_current=False)
    producer.conf.update(producer_options(broker_url))

    def send(job_id: str) -> None:
        producer.send_task(TASK, kwargs={"job_id": job_id}, retry=False, ignore_result=True)

    return send
