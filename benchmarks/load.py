"""Many clients at once for minutes: how long a submission takes then, and whether every job that was accepted ends.

    python benchmarks/load.py                       200 clients for 5 minutes on each pair of database and broker
    python benchmarks/load.py --clients 50 --seconds 60 --pairs servers

Each client submits a job of its own, asks once a second until it has ended, and thinks before the next one for as long
as lets all clients together submit `--rate` jobs a second. Only what a job is accepted in is timed here; the machine
trains the jobs at the same time, and carries the clients too: how much of it they take is told. `--page` writes
benchmarks/LOAD.md.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from stacks import on_servers, processor_seconds, settled, stack
from training import machine

PAIRS: dict[str, tuple[Callable[[], AbstractContextManager[tuple[httpx.Client, int, float]]], float]] = {
    "embedded": (stack, 100.0),
    "servers": (on_servers, 50.0),
}
"""How each pair is started, and the bar for the 95th percentile of a submission in milliseconds."""
PAGE = Path(__file__).with_name("LOAD.md")
INPUTS = [[float(bit) for bit in f"{number:04b}"] for number in range(16)]
TARGETS = [sum(row) % 2 for row in INPUTS]
ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass
class Tally:
    """What all clients have seen: milliseconds of each submission, how jobs ended, all answers by their status.

    `shares`: of one core, taken by the clients, and by the service with its workers.
    """

    submissions: list[float] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    open: set[str] = field(default_factory=set)
    shares: dict[str, float] = field(default_factory=dict)


def job(seed: int) -> dict[str, Any]:
    """The parity of four bits, as a job of its own for each seed."""
    return {
        "data": {"inputs": INPUTS, "targets": TARGETS},
        "network": {"layers": [{"units": 8, "activation": "tanh"}, {}]},
        "training": {"epochs": 20, "seed": seed, "batch_size": 4},
    }


async def client(url: str, tally: Tally, seeds: Iterator[int], end: float, pause: float) -> None:
    """One client: submit, ask until the job has ended, think."""
    # Nothing is encrypted here, and reading the authorities' certificates for each client takes seconds.
    async with httpx.AsyncClient(base_url=url, timeout=60, verify=False) as connection:  # noqa: S501
        await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 -- so that they do not come all at once
        while time.perf_counter() < end:
            began = time.perf_counter()
            await one_job(connection, tally, next(seeds))
            await asyncio.sleep(max(0.0, pause - (time.perf_counter() - began)))


async def one_job(connection: httpx.AsyncClient, tally: Tally, seed: int) -> None:
    """A job from its submission to its end, however long that takes."""
    began = time.perf_counter()
    answer = await connection.post("/v1/jobs", json=job(seed))
    tally.submissions.append((time.perf_counter() - began) * 1e3)
    tally.answers[answer.status_code] += 1
    if answer.status_code != httpx.codes.ACCEPTED:
        return
    name = answer.json()["id"]
    tally.open.add(name)
    while True:
        await asyncio.sleep(1.0)
        answer = await connection.get(f"/v1/jobs/{name}")
        tally.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.OK and answer.json()["status"] in ENDED:
            tally.ended[answer.json()["status"]] += 1
            tally.open.discard(name)
            return


async def crowd(url: str, clients: int, seconds: float, rate: float) -> Tally:
    """So many clients for so many seconds, and until the last job has ended."""
    tally, seeds, end = Tally(), itertools.count(), time.perf_counter() + seconds
    pause = clients / rate
    tasks = [client(url, tally, seeds, end, pause) for _ in range(clients)]
    await asyncio.gather(*tasks)
    return tally


async def warm(url: str) -> None:
    """Wait until a first job has ended: how workers start, or compile before that, is another matter."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as connection:
        await one_job(connection, Tally(), 0)


def loaded(pair: str, clients: int, seconds: float, rate: float) -> Tally:
    """What the clients see on a pair of database and broker that is started for them."""
    with PAIRS[pair][0]() as (connection, pid, _):
        asyncio.run(warm(str(connection.base_url)))
        settled(pid)
        began = (time.perf_counter(), time.process_time(), processor_seconds(pid))
        tally = asyncio.run(crowd(str(connection.base_url), clients, seconds, rate))
        took, ours, theirs = (
            now - then
            for now, then in zip((time.perf_counter(), time.process_time(), processor_seconds(pid)), began, strict=True)
        )
    tally.shares = {"clients": ours / took, "service": theirs / took}
    return tally


def row(pair: str, tally: Tally) -> str:
    """What was seen, in a line."""
    times, bar = sorted(tally.submissions), PAIRS[pair][1]
    cuts = statistics.quantiles(times, n=100)
    verdict = "reached" if cuts[94] <= bar else "not reached"
    return (
        f"| {pair} | {len(times)} | {sum(tally.ended.values())} {dict(tally.ended)} | {len(tally.open)} | "
        f"{statistics.median(times):.0f} / {cuts[94]:.0f} / {cuts[98]:.0f} (bar {bar:.0f}: {verdict}) | "
        f"{dict(sorted(tally.answers.items()))} | {tally.shares['clients']:.0%} / {tally.shares['service']:.0%} |"
    )


def report(options: argparse.Namespace, tallies: dict[str, Tally]) -> str:
    """The page."""
    return "\n".join(
        [
            "# What many clients meet",
            "",
            "Output of `benchmarks/load.py`, which says how it is measured. Clients, service, workers and servers",
            "share the machine. PostgreSQL runs without fsync; SQLite has a job on the disk before it is answered.",
            "",
            f"- machine: {machine()}",
            f"- command: `{' '.join(['python', 'benchmarks/load.py', *sys.argv[1:]])}`",
            f"- {options.clients} clients for {options.seconds:g} s, {options.rate:g} jobs a second, 20 epochs each",
            "",
            "| on | submitted | ended | not ended | a submission in ms: median / 95 % / 99 % | answers "
            "| of one core: clients / service and workers |",
            "| --- | ---: | --- | ---: | --- | --- | ---: |",
            *(row(pair, tally) for pair, tally in tallies.items()),
            "",
        ]
    )


def main() -> None:
    """Load each pair, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=float, default=5.0, help="jobs a second that all clients together submit")
    parser.add_argument("--pairs", nargs="+", choices=list(PAIRS), default=list(PAIRS))
    parser.add_argument("--page", action="store_true", help="write benchmarks/LOAD.md")
    options = parser.parse_args()
    tallies = {pair: loaded(pair, options.clients, options.seconds, options.rate) for pair in options.pairs}
    page = report(options, tallies)
    print(page)
    if options.page:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
