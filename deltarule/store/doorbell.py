"""A message only wakes a worker: it may be lost, late or doubled, but it is never torn.

Both ends of the broker take their settings from here, the service's producer and the worker's consumer, so that they
cannot differ. Where no broker is installed, messages are files in a folder.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic, time, time_ns
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES, virtual

from deltarule.store.bells import Bell, ring_all

TASK = "worker.tasks.train"
"""The name of the one task there is; its only argument is `job_id`."""
QUEUE = "deltarule"

# Under kombu's own names: by them it knows which connections are encrypted.
TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "deltarule.store.acknowledging:RedisTransport")

SHARED: dict[str, Any] = {
    "task_default_queue": QUEUE,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_ignore_result": True,
    "result_backend": None,
}
PRODUCER_REDIS: dict[str, Any] = {
    # With its defaults the producer waits for ever on a broker that is frozen. Together at most three seconds, and
    # tried once: what could not be sent is rung for from the database.
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CONSUMER_REDIS: dict[str, Any] = {
    # Lost messages are rung again from the database; a redelivery would only start long jobs twice.
    "visibility_timeout": 86400,
    # What a killed worker had taken is put back after seconds; with kombu's default, after a hundred.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A connection that was cut without a word is noticed: after twice the interval and a second, not after 51 s.
    "socket_keepalive": True,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "health_check_interval": 5,
}
BELLS = "bells"
"""The folder, beside those of the queues, where the bells of those hang who wait for messages."""
ABANDONED_SECONDS = 60
LONGEST_WAIT_SECONDS = 0.2


def producer_options(broker_url: str) -> dict[str, Any]:
    """Celery settings of the one that rings: it gives up within three seconds, whatever state the broker is in.

    Publish with `retry=False`. A failure raises `kombu.exceptions.OperationalError`, or OSError where messages are
    files.
    """
    return SHARED | {"broker_connection_retry": False} | _broker(broker_url, PRODUCER_REDIS)


def consumer_options(broker_url: str, poll_seconds: float = 0.2) -> dict[str, Any]:
    """Celery settings of the one that listens: it waits for a broker that is away, for ever.

    `poll_seconds`: how often it looks into the folder where messages are files.
    """
    patience = {"broker_connection_retry_on_startup": True, "broker_connection_max_retries": None}
    return SHARED | patience | _broker(broker_url, CONSUMER_REDIS, poll_seconds)


def ringer(broker_url: str) -> Callable[[str], None]:
    """What publishes the message for a job, by its id, trying once; errors as `producer_options` tells."""
    producer = Celery("deltarule", set_as_current=False)
    producer.conf.update(producer_options(broker_url))

    def ring(job_id: str) -> None:
        producer.send_task(TASK, kwargs={"job_id": job_id}, retry=False)

    return ring


def _broker(url: str, redis: dict[str, Any], poll_seconds: float = 0.2) -> dict[str, Any]:
    if not url.startswith("filesystem:"):
        return {"broker_url": url, "broker_transport_options": redis}
    return {
        # kombu complains about a URL without a host; the folder is an option.
        "broker_url": "filesystem://localhost//",
        "broker_transport": f"{__name__}:FolderTransport",
        "broker_transport_options": {"folder": unquote(urlsplit(url).path), "polling_interval": poll_seconds},
    }


class FolderChannel(virtual.Channel):
    """Queues as folders, messages as files whose names sort by time.

    kombu's own filesystem transport writes under the final name and moves before it reads: its consumers meet half
    messages, and stop. Here a message appears by one rename, and belongs to whoever removes its name.
    """

    def __init__(self, connection: Any, **options: object) -> None:  # noqa: ANN401 -- kombu names no type
        super().__init__(connection, **options)  # type: ignore[no-untyped-call]
        self._root = Path(connection.client.transport_options["folder"])

    def _put(self, queue: str, message: dict[str, Any], **_: object) -> None:
        name = f"{time_ns():020d}-{uuid4().hex}"
        part = self._folder(queue) / f".{name}"
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Not synced to the disk: what a power cut takes is rung again.
            part.write_bytes(json.dumps(message).encode())
            part.rename(part.with_name(name))
        except OSError:
            part.unlink(missing_ok=True)
            raise
        ring_all(self._root / BELLS)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for path in self._messages(queue):
            try:
                content = path.read_bytes()
                path.unlink()
            except FileNotFoundError:
                continue  # another consumer was quicker
            with suppress(ValueError):  # emptied by a power cut; the job is rung again
                message: dict[str, Any] = json.loads(content)
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        messages = self._messages(queue)
        for path in messages:
            path.unlink(missing_ok=True)
        return len(messages)

    def _new_queue(self, queue: str, **_: object) -> None:
        """Remove what writers left that were killed between writing and renaming."""
        for part in self._folder(queue).glob(".*"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < time() - ABANDONED_SECONDS:
                    part.unlink()

    def _folder(self, queue: str) -> Path:
        return self._root / queue

    def _messages(self, queue: str) -> list[Path]:
        """The messages, oldest first."""
        try:
            return sorted(path for path in self._folder(queue).iterdir() if not path.name.startswith("."))
        except FileNotFoundError:
            return []


class FolderTransport(virtual.Transport):
    """A broker that is a folder, named by the transport option `folder`; who waits is rung, and looks now and then."""

    Channel = FolderChannel
    driver_type = "folder"
    driver_name = "folder"
    connection_errors = (*virtual.Transport.connection_errors, OSError)  # type: ignore[assignment]

    def __init__(self, client: Any, **options: object) -> None:  # noqa: ANN401 -- kombu names no type
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self._bells = Path(client.transport_options["folder"]) / BELLS
        self._bell: Bell | None = None

    def drain_events(self, connection: object, timeout: float | None = None, **_: object) -> None:
        """Wait for one message, but not long: the worker looks only between two waits whether it must stop."""
        short = min(timeout or LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        # Hung before the first look, so that no message falls between a look and the wait after it.
        self._bell = self._bell or Bell(self._bells)
        end = monotonic() + short
        while not self._delivered(short):
            if monotonic() >= end:
                raise TimeoutError
            self._bell.wait(min(self.polling_interval, short))

    def close_connection(self, connection: object) -> None:
        """Close the channels, and take down the bell."""
        super().close_connection(connection)  # type: ignore[no-untyped-call]
        if self._bell is not None:
            self._bell.close()
            self._bell = None

    def _delivered(self, timeout: float) -> bool:
        """Whether there was a message, which its consumer has now."""
        try:
            self.cycle.get(self._deliver, timeout=timeout)  # type: ignore[union-attr]
        except Empty:
            return False
        return True

    def driver_version(self) -> str:
        """There is no driver, only a folder."""
        return "N/A"
