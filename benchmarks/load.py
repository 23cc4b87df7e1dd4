"""Many clients at once for minutes: how long a submission takes then, and whether every job that was accepted ends.

    python benchmarks/load.py                       200 clients for 5 minutes on each pair of database and broker
    python benchmarks/load.py --clients 50 --seconds 60 --pairs servers

Each client submits a job of its own, asks once a second until it has ended, and thinks before the next one for as long
as lets all clients together submit `--rate` jobs a second. Only what a job is accepted in is timed here; the machine
trains the jobs at the same time.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
from stacks import on_servers, stack

PAIRS: dict[str, tuple[Callable[[], AbstractContextManager[tuple[httpx.Client, int, float]]], float]] = {
    "embedded": (stack, 100.0),
    "servers": (on_servers, 50.0),
}
"""How each pair is started, and the bar for the 95th percentile of a submission in milliseconds."""
INPUTS = [[float(bit) for bit in f"{number:04b}"] for number in range(16)]
TARGETS = [sum(row) % 2 for row in INPUTS]
ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass
class Tally:
    """What all clients have seen: milliseconds of each submission, how jobs ended, all answers by their status."""

    submissions: list[float] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    open: set[str] = field(default_factory=set)


def job(seed: int) -> dict[str, Any]:
    """The parity of four bits, as a job of its own for each seed."""
    return {
        "data": {"inputs": INPUTS, "targets": TARGETS},
        "network": {"layers": [{"units": 8, "activation": "tanh"}, {}]},
        "training": {"epochs": 20, "seed": seed, "batch_size": 4},
    }


async def client(url: str, tally: Tally, seeds: Iterator[int], end: float, pause: float) -> None:
    """One client: submit, ask until the job has ended, think."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as connection:
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


def report(name: str, tally: Tally, bar: float) -> str:
    """What was seen, in a line."""
    times = sorted(tally.submissions)
    cuts = statistics.quantiles(times, n=100)
    verdict = "reached" if cuts[94] <= bar else "not reached"
    return (
        f"| {name} | {len(times)} | {sum(tally.ended.values())} {dict(tally.ended)} | {len(tally.open)} | "
        f"{statistics.median(times):.0f} / {cuts[94]:.0f} / {cuts[98]:.0f} (bar {bar:.0f}: {verdict}) | "
        f"{dict(sorted(tally.answers.items()))} |"
    )


def main() -> None:
    """Load each pair, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=float, default=5.0, help="jobs a second that all clients together submit")
    parser.add_argument("--pairs", nargs="+", choices=list(PAIRS), default=list(PAIRS))
    options = parser.parse_args()
    print(f"{options.clients} clients, {options.seconds:g} s, {options.rate:g} jobs a second\n")
    print("| on | submitted | ended | not ended | a submission in ms: median / 95 % / 99 % | answers |")
    print("| --- | ---: | --- | ---: | --- | --- |")
    for name in options.pairs:
        start, bar = PAIRS[name]
        with start() as (connection, _, _):
            url = str(connection.base_url)
            tally = asyncio.run(crowd(url, options.clients, options.seconds, options.rate))
        print(report(name, tally, bar), flush=True)


if __name__ == "__main__":
    main()
