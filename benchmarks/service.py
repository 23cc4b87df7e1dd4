"""How long a user waits for the service itself: measured against a running stack, as a user would see it.

    python benchmarks/service.py                                 the embedded stack, started here in a temporary folder
    python benchmarks/service.py --broker redis://127.0.0.1/0    the same, with Redis as the broker

Prints medians, 95th percentiles and the resident memory (proportional set size) of each process.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

PENGUINS = Path(__file__).parent.parent / "examples" / "penguins.csv"


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
def stack(broker: str | None) -> Iterator[tuple[httpx.Client, int, float]]:
    """A whole service in a temporary folder: a client to it, the supervisor's process id, the seconds to readiness."""
    port = free_port()
    environment = os.environ | ({"DELTARULE_BROKER_URL": broker} if broker else {})
    with tempfile.TemporaryDirectory() as folder:
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


def descendants(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from descendants(int(child))


def resident_memory(pid: int) -> list[tuple[str, float]]:
    """Command line and proportional set size in MiB of a process and all below it."""
    rows = []
    for each in descendants(pid):
        words = Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        sizes = dict(line.split(":", 1) for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:])
        rows.append((words[:90], int(sizes["Pss"].split()[0]) / 1024))
    return rows


def first_epoch(client: httpx.Client, dataset: str, seed: int) -> tuple[float, float, float]:
    """Seconds from POST to the 202, to the first epoch seen in the job, and to its end."""
    began = time.perf_counter()
    body = {
        "dataset_id": dataset,
        "target": "species",
        "training": {"epochs": 20, "early_stopping": None, "seed": seed},
    }
    job = client.post("/v1/jobs", json=body).raise_for_status().json()["id"]
    accepted = time.perf_counter() - began
    until(lambda: client.get(f"/v1/jobs/{job}").json()["progress"]["epoch"] >= 1)
    first = time.perf_counter() - began
    until(lambda: client.get(f"/v1/jobs/{job}").json()["status"] == "succeeded")
    return accepted, first, time.perf_counter() - began


def main() -> None:
    """Measure, and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", help="the broker's URL instead of the embedded one")
    parser.add_argument("--jobs", type=int, default=40, help="how many jobs are timed")
    options = parser.parse_args()
    with stack(options.broker) as (client, pid, seconds_to_ready):
        at_rest = resident_memory(pid)
        dataset = client.post(
            "/v1/datasets", content=PENGUINS.read_bytes(), headers={"Content-Type": "text/csv"}
        ).json()["id"]
        first_epoch(client, dataset, 0)
        times = [first_epoch(client, dataset, seed) for seed in range(1, options.jobs + 1)]
        after = resident_memory(pid)
    names = ("post_to_202", "post_to_first_epoch", "post_to_succeeded")
    milliseconds = {
        name: {"median": statistics.median(column) * 1e3, "p95": statistics.quantiles(column, n=20)[-1] * 1e3}
        for name, column in zip(names, zip(*times, strict=True), strict=True)
    }
    answer = {
        "seconds_to_ready": seconds_to_ready,
        "milliseconds": milliseconds,
        "mib_at_rest": at_rest,
        "mib_after": after,
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
