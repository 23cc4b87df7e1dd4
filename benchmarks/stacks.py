"""A whole service as a user starts it, on either pair of database and broker, and what its processes take."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

sys.path.append(str(Path(__file__).parent.parent))

from tests.servers import postgresql, redis_server

__all__ = ["descendants", "memory", "on_servers", "postgresql", "processor_seconds", "settled", "stack", "until"]

T = TypeVar("T")
IDLE_SECONDS = 5.0
SETTLED_PERCENT = 5.0
"""Of one core: a service that takes more is still starting."""


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], T | None], seconds: float = 60.0, pause: float = 0.002) -> T:
    """The condition's first true answer, asked every `pause` seconds.

    Raises:
        TimeoutError: when there was none in `seconds`.
    """
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(pause)
    raise TimeoutError(f"nothing came in {seconds} s")


def ready(client: httpx.Client) -> bool:
    """Whether the service answers that it is ready."""
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def stack(broker: str | None = None, **settings: str) -> Iterator[tuple[httpx.Client, int, float]]:
    """A whole service in a temporary folder: a client to it, the supervisor's process id, the seconds to readiness."""
    port = free_port()
    environment = os.environ | ({"DELTARULE_BROKER_URL": broker} if broker else {}) | settings
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "deltarule.cli.main", "up", "--port", str(port), "--data", folder]
        began = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0) as client:
                    until(lambda: ready(client))
                    yield client, process.pid, time.perf_counter() - began
            finally:
                process.send_signal(signal.SIGTERM)


@contextmanager
def on_servers() -> Iterator[tuple[httpx.Client, int, float]]:
    """The same on a PostgreSQL and a Redis of its own; both must be installed on this machine."""
    with ExitStack() as servers:
        database = servers.enter_context(postgresql())
        broker = servers.enter_context(redis_server())
        with stack(broker.url, DELTARULE_DATABASE_URL=database.url) as running:
            yield running


def descendants(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from descendants(int(child))


def memory(pid: int) -> dict[str, float]:
    """Proportional set sizes in MiB: of the supervisor, of all processes of the API, of a worker (the mean)."""
    sizes: dict[str, list[float]] = {"supervisor": [], "API": [], "worker": []}
    for each in descendants(pid):
        words = Path(f"/proc/{each}/cmdline").read_bytes()
        part = "API" if b"gunicorn" in words else "worker" if b"celery" in words else "supervisor"
        lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:]
        sizes[part].append(int(dict(line.split(":", 1) for line in lines)["Pss"].split()[0]) / 1024)
    workers = sizes["worker"]
    return {
        "supervisor": sum(sizes["supervisor"]),
        "API": sum(sizes["API"]),
        "worker": sum(workers) / max(1, len(workers)),
    }


def processor_seconds(pid: int) -> float:
    """Processor time that the process and all below it have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0
    for each in descendants(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / ticks


def settled(pid: int) -> float:
    """What `idle` says once the start is over: other workers start after the first, and pages are made ready."""
    (load,) = until(lambda: (each,) if (each := idle(pid)) < SETTLED_PERCENT else None, 120.0)
    return load


def idle(pid: int) -> float:
    """The share of one core, in percent, that the service takes for some seconds in which nobody asks for anything."""
    before = processor_seconds(pid)
    time.sleep(IDLE_SECONDS)
    return (processor_seconds(pid) - before) / IDLE_SECONDS * 100
