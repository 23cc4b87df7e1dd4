"""How long a user waits for the service itself: measured by HTTP clients against a running stack.

    python benchmarks/service.py [--jobs 40]

Starts the whole service twice, in temporary folders: embedded, on SQLite and a folder of messages, and on a PostgreSQL
and a Redis of its own, which must be installed on this machine. Writes benchmarks/SERVICE.md.
"""

import argparse
import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from overhead import table
from speed import Speedometer
from stacks import memory, on_servers, settled, stack, until
from training import machine

from deltarule.cli.supervision.parts import working
from deltarule.store.database import Database
from deltarule.store.doorbell import ringer
from deltarule.store.jobs import Jobs
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings
from deltarule.store.states import Status

PAGE = Path(__file__).with_name("SERVICE.md")
PENGUINS = Path(__file__).parent.parent / "examples" / "penguins.csv"
CLIENTS = 8
SUBMITTED = 200
WARMING = 5
"""Jobs before the first that counts."""
STARTS = 5
seeds = count(1)


class Caller:
    """A connection that costs its user as little as one can: what is measured is the service and not its client."""

    def __init__(self, client: httpx.Client) -> None:
        self._connection = HTTPConnection(client.base_url.host, client.base_url.port or 80)

    def __call__(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """The answer's content; raises RuntimeError for one that is an error."""
        self._connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {read[:500]!r}")
        return read


def body(dataset: str, epochs: int = 20) -> dict[str, Any]:
    """A job of its own seed."""
    training = {"epochs": epochs, "early_stopping": None, "seed": next(seeds)}
    return {"dataset_id": dataset, "target": "species", "training": training}


def timed_job(call: Caller, dataset: str) -> tuple[float, float, float]:
    """Milliseconds from the POST to the 202, to the first epoch seen in the job, and to its end."""
    posted = json.dumps(body(dataset)).encode()
    began = time.perf_counter()
    path = f"/v1/jobs/{json.loads(call('POST', '/v1/jobs', posted))['id']}"
    accepted = time.perf_counter() - began
    until(lambda: json.loads(call("GET", path))["progress"]["epoch"] >= 1)
    first = time.perf_counter() - began
    until(lambda: json.loads(call("GET", path))["status"] == "succeeded")
    return accepted * 1e3, first * 1e3, (time.perf_counter() - began) * 1e3


def at_once(client: httpx.Client, work: Callable[[httpx.Client, int], None], times: int) -> float:
    """Seconds that so many calls of `work` take, by clients at once, each with a connection of its own."""

    def share(number: int) -> None:
        with httpx.Client(base_url=client.base_url, timeout=60.0) as own:
            for each in range(number, times, CLIENTS):
                work(own, each)

    with ThreadPoolExecutor(CLIENTS) as clients:
        began = time.perf_counter()
        list(clients.map(share, range(CLIENTS)))
        return time.perf_counter() - began


def throughput(client: httpx.Client, dataset: str) -> tuple[float, float]:
    """Jobs accepted a second, and jobs finished a second, all of one epoch."""
    began = time.perf_counter()

    def submit(own: httpx.Client, _: int) -> None:
        own.post("/v1/jobs", json=body(dataset, epochs=1)).raise_for_status()

    accepted = SUBMITTED / at_once(client, submit, SUBMITTED)

    def waiting() -> int:
        states = ("queued", "running")
        return sum(
            len(client.get("/v1/jobs", params={"status": state, "limit": 1}).json()["items"]) for state in states
        )

    until(lambda: waiting() == 0, 300.0, 0.05)
    return accepted, SUBMITTED / (time.perf_counter() - began)


def rows_of(client: httpx.Client, model: str, number: int) -> bytes:
    """A request for so many rows, written beforehand: what is measured is the service and not its client."""
    inputs = client.get(f"/v1/models/{model}").json()["inputs"]
    row = {each["name"]: each["categories"][0] if each["type"] == "categorical" else each["mean"] for each in inputs}
    return json.dumps({"rows": [row] * number}).encode()


def timed(call: Caller, method: str, path: str, content: bytes | None = None) -> float:
    """Milliseconds of one request."""
    began = time.perf_counter()
    call(method, path, content)
    return (time.perf_counter() - began) * 1e3


def predictions(client: httpx.Client, dataset: str, speed: Speedometer) -> dict[str, Any]:
    """How long predictions take, in turns with requests for nothing, and how many a second there are."""
    job = client.post("/v1/jobs", json=body(dataset)).raise_for_status().json()["id"]
    until(lambda: client.get(f"/v1/jobs/{job}").json()["status"] == "succeeded")
    model = client.get(f"/v1/jobs/{job}").json()["model_id"]
    one, many = rows_of(client, model, 1), rows_of(client, model, 10_000)
    call, path = Caller(client), f"/v1/models/{model}/predictions"
    for content in (*[one] * 20, many):
        call("POST", path, content)
    times, headers = 1000, {"Content-Type": "application/json"}

    def predict(own: httpx.Client, _: int) -> None:
        own.post(path, content=one, headers=headers).raise_for_status()

    seconds = at_once(client, predict, times)
    nothing, single, large = [], [], []
    for turn in range(500):
        nothing.append(timed(call, "GET", "/healthz"))
        single.append(timed(call, "POST", path, one))
        if turn % 20 == 0:
            speed.look()
            large.append(timed(call, "POST", path, many))
    return {
        "nothing": nothing,
        "one row": single,
        "10,000 rows": large,
        "a second": times / seconds,
    }


def timed_jobs(client: httpx.Client, dataset: str, jobs: int, speed: Speedometer) -> list[tuple[float, float, float]]:
    """So many jobs, one after the other, and a few before them that do not count."""
    call, times = Caller(client), []
    for turn in range(jobs + WARMING):
        speed.look()
        took = timed_job(call, dataset)
        times += [took] if turn >= WARMING else []
    return times


def measured(
    started: AbstractContextManager[tuple[httpx.Client, int, float]], jobs: int, speed: Speedometer
) -> dict[str, Any]:
    """All figures of one stack."""
    with started as (client, pid, seconds_to_ready):
        load = settled(pid)
        at_rest = memory(pid)
        csv = {"Content-Type": "text/csv"}
        dataset = client.post("/v1/datasets", content=PENGUINS.read_bytes(), headers=csv).json()["id"]
        times = list(zip(*timed_jobs(client, dataset, jobs, speed), strict=True))
        answered = predictions(client, dataset, speed)
        return {
            "ready": seconds_to_ready,
            "idle": load,
            "jobs": times,
            "predictions": answered,
            "throughput": throughput(client, dataset),
            "memory": (at_rest, memory(pid)),
        }


def worker_start(speed: Speedometer) -> float:
    """Seconds from nothing to a worker that has taken a job which waits, its kernels read from disk; the median.

    The command, database and broker are those of `deltarule up`; Python's own code is compiled, as an installation has
    it.
    """
    for package in ("deltarule", "worker"):
        compileall.compile_dir(PENGUINS.parent.parent / package, quiet=2)
    times = []
    for _ in range(STARTS):
        speed.look()
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings.embedded(Path(folder))
            upgrade(settings.database_url)
            database = Database.from_settings(settings)
            jobs = Jobs(database)
            job = jobs.add(None, name=None, spec={})
            ringer(settings.broker_url)(job.id)
            [part] = working(settings.model_copy(update={"workers": 1}), temporary=Path(folder))
            began = time.perf_counter()
            with subprocess.Popen(part.command, env=part.environment, stderr=subprocess.DEVNULL) as worker:
                until(lambda: jobs.status(None, job.id) is not Status.QUEUED, pause=0.01)  # noqa: B023 -- asked here only
                times.append(time.perf_counter() - began)
                worker.terminate()
            database.close()
    return statistics.median(times)


def shown(values: Sequence[float], bar: float | None = None) -> str:
    """Median and 95th percentile in milliseconds, and whether the median is below the bar."""
    median, late = statistics.median(values), statistics.quantiles(values, n=20)[-1]
    verdict = "" if bar is None else f" (bar {bar:g}: {'reached' if median < bar else 'not reached'})"
    return f"{median:.1f} / {late:.1f}{verdict}"


def resident(part: str, figures: dict[str, Any]) -> str:
    """The memory of a part of the service."""
    at_rest, at_work = figures["memory"]
    return f"{at_rest[part]:.0f} / {at_work[part]:.0f}"


def row(name: str, embedded: str, servers: str) -> str:
    """A line of the table."""
    return f"| {name} | {embedded} | {servers} |"


def rows(embedded: dict[str, Any], servers: dict[str, Any]) -> list[str]:
    """The table's lines."""
    both = (embedded, servers)

    def line(name: str, figure: Callable[[dict[str, Any]], str]) -> str:
        return row(name, *map(figure, both))

    return [
        line("POST to 202, ms", lambda figures: shown(figures["jobs"][0])),
        row("POST to first epoch, ms", shown(embedded["jobs"][1], 150), shown(servers["jobs"][1], 40)),
        line("POST to `succeeded` (20 epochs), ms", lambda figures: shown(figures["jobs"][2])),
        line("a request for nothing, ms", lambda figures: shown(figures["predictions"]["nothing"])),
        line("prediction of one row, ms", lambda figures: shown(figures["predictions"]["one row"], 5)),
        line("the same, 99th percentile", lambda figures: f"{sorted(figures['predictions']['one row'])[494]:.1f}"),
        line("prediction of 10,000 rows, ms", lambda figures: shown(figures["predictions"]["10,000 rows"], 100)),
        line(f"predictions a second, {CLIENTS} clients", lambda figures: f"{figures['predictions']['a second']:.0f}"),
        line(f"jobs accepted a second, {CLIENTS} clients", lambda figures: f"{figures['throughput'][0]:.0f}"),
        line("jobs of one epoch finished a second", lambda figures: f"{figures['throughput'][1]:.0f}"),
        line("seconds from start to ready", lambda figures: f"{figures['ready']:.1f}"),
        line("processor at rest, % of a core", lambda figures: f"{figures['idle']:.2f}"),
        *(line(f"{part}, MiB at rest / at work", partial(resident, part)) for part in ("API", "worker", "supervisor")),
    ]


def report(
    run: tuple[str, Speedometer], start: float, embedded: dict[str, Any], servers: dict[str, Any], costs: list[str]
) -> str:
    """The page."""
    command, speed = run
    verdict = "reached" if start < 2 else "not reached"
    return "\n".join(
        [
            "# How fast the service answers",
            "",
            "Output of `benchmarks/service.py`, which says how it is measured: HTTP clients against a running stack,",
            "the dataset `examples/penguins.csv`, jobs seen through `GET /v1/jobs/{id}`, asked again and again.",
            "Medians and 95th percentiles; memory is the proportional set size, of a worker the mean. PostgreSQL runs",
            "without fsync. How fast the machine was meanwhile is told first.",
            "",
            f"- machine: {machine()}",
            f"- its speed: {speed}",
            f"- command: `{command}`",
            f"- worker, from nothing to a job that it has taken, with a warm cache: {start:.1f} s (bar 2: {verdict})",
            "",
            "| | embedded: SQLite, folder | PostgreSQL, Redis |",
            "| --- | ---: | ---: |",
            *rows(embedded, servers),
            "",
            "What history, heartbeats and checkpoints add to a training, as `benchmarks/overhead.py` measures it:",
            "",
            *costs,
            "",
        ]
    )


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=40, help="how many jobs are timed on each stack")
    options = parser.parse_args()
    speed = Speedometer()
    embedded, servers = (measured(started, options.jobs, speed) for started in (stack(), on_servers()))
    start, costs = worker_start(speed), table(rounds=8, seconds=4.0)
    command = " ".join(["python", "benchmarks/service.py", *sys.argv[1:]])
    page = report((command, speed), start, embedded, servers, costs)
    PAGE.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
