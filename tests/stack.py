"""The whole service as a user starts it, on the databases and brokers that it promises to work with."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

READY_SECONDS = 30


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_stack(folder: Path, port: int | None = None, **environment: str) -> Iterator[httpx.Client]:
    """A client of `deltarule up` in this folder, which is ended afterwards and must then end well."""
    port = port or free_port()
    command = [sys.executable, "-m", "deltarule.cli.main", "up", "--port", str(port), "--data", str(folder)]
    log = folder.parent / f"{folder.name}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=70) as client,
    ):
        try:
            wait_until_ready(client, process, log)
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=15)
        assert code == 0, log.read_text()


def wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until the service is ready; a process that ends before fails with what it said."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            continue
    raise AssertionError(f"not ready after {READY_SECONDS} s: {log.read_text()}")


def ended(client: httpx.Client, job: dict) -> dict:
    """The job once it has ended; three minutes at most."""
    for _ in range(6):
        job = client.get(f"/v1/jobs/{job['id']}", params={"wait": 30}).raise_for_status().json()
        if job["status"] in ("succeeded", "failed", "cancelled"):
            return job
    raise AssertionError(f"the job has not ended: {job}")
