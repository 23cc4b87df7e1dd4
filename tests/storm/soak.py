"""Storm 11: hours in minutes: steady work and a kill now and then, while nothing may grow that should not."""

import signal
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from threading import Event

from sqlalchemy import func, select

from deltarule.store.tables import CheckpointRow
from tests.storm.campaign import Campaign, disturbed, in_background
from tests.storm.ledger import counted
from tests.storm.processes import send
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running

LOG_BYTES = 64 * 1024 * 1024
FILES = 200
SAMPLES = 120
WAITING = 6
"""No more jobs than this are kept waiting or running."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How much of everything there was at one moment; sizes in bytes."""

    memory: int
    files: int
    log: int
    checkpoints: int


def storm(
    ground: Ground,
    *,
    minutes: float = 3.0,
    every: float = 60.0,
    epochs: int = 40,
    pause: float = 0.2,
    growth: float = 1.15,
) -> Result:
    """Work for so many minutes: a job each `pause` seconds at most, and a kill -9 of a worker every so many.

    `growth`: how many times the memory of the second third of the time the last third may hold, in the median.
    """
    parameters = {"minutes": minutes, "kill_every_seconds": every, "epochs": epochs, "pause_seconds": pause}
    result = Result("11. soak", str(ground), parameters)
    with running(ground) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        end = time.monotonic() + 60 * minutes
        killed: Counter[str] = Counter()

        def kill() -> None:
            workers = stack.trainers()
            killed["workers"] += send(campaign.chance.sample(workers, min(1, len(workers))), signal.SIGKILL)

        def work() -> None:
            while time.monotonic() < end:
                living = sum(n for status, n in counted(stack.database).items() if not status.ended)
                campaign.submit(int(living < WAITING))
                Event().wait(pause)

        working, samples = in_background(work), []
        with disturbed(kill, every):
            while working.is_alive():
                samples.append(_sample(stack))
                working.join(60 * minutes / SAMPLES)
        result.require(campaign.until_ended(), "jobs were left hanging")
        campaign.judge(result)
        result.count(kills=killed["workers"])
        _compare(result, samples, ground.workers, growth)
    return result.ended()


def _sample(stack: Stack) -> Sample:
    data = stack.folder / "data"
    log = data / "deltarule.sqlite3-wal"
    with stack.database.read() as session:
        checkpoints = session.scalar(select(func.count()).select_from(CheckpointRow)) or 0
    files = sum(1 for path in data.rglob("*") if path.is_file())
    return Sample(stack.memory(), files, log.stat().st_size if log.exists() else 0, checkpoints)


def _compare(result: Result, samples: list[Sample], workers: int, growth: float) -> None:
    third = max(1, len(samples) // 3)
    # The first third warms up: what is read once and kept is not growth.
    middle, last = (statistics.median(one.memory for one in part) for part in (samples[third:-third], samples[-third:]))
    most = Sample(*(max(getattr(one, name) for one in samples) for name in Sample.__dataclass_fields__))
    result.count(
        samples=len(samples),
        memory_mebibytes_second_third=round(middle / 2**20),
        memory_mebibytes_last_third=round(last / 2**20),
        most_files=most.files,
        largest_log_bytes=most.log,
        most_checkpoints=most.checkpoints,
    )
    result.require(last <= growth * middle, "memory has grown")
    result.require(most.files <= FILES, f"there were {most.files} files")
    result.require(most.log <= LOG_BYTES, f"the database's log came to {most.log} bytes")
    result.require(most.checkpoints <= workers + WAITING, f"there were {most.checkpoints} checkpoints")
