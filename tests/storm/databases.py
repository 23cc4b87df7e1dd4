"""Storm 5: the database is restarted under load; and many writers at once share the one that is a file."""

import multiprocessing
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Event

import psycopg

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from deltarule.store.schema import upgrade
from deltarule.store.sweeping import sweep
from tests.store.making import new_model, report
from tests.storm.campaign import Campaign, disturbed, in_background
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running
from tests.storm.work import ANSWER_SECONDS, percentile

AWAY_SECONDS = 2.0
UNHANDLED = ("error", "critical", "exception")


def storm(
    ground: Ground,
    *,
    jobs: int = 60,
    every: float = 15.0,
    pause: float = 0.5,
    within: float = ANSWER_SECONDS,
    writers: int = 8,
    writing: float = 10.0,
) -> Result:
    """PostgreSQL: so many jobs while it is restarted. SQLite: so many processes write for `writing` seconds.

    `within`: the seconds in which nearly all submissions must be answered, with 202 or 503.
    """
    if ground.database == "sqlite":
        return _write_together(ground, writers, writing)
    parameters = {"jobs": jobs, "fault_every_seconds": every, "pause_seconds": pause}
    result = Result("5. database faults", str(ground), parameters)
    with running(ground, proxies=True) as stack:
        campaign = Campaign.begin(stack, ground, epochs=40)
        faults = Faults(stack, campaign)
        submitting = in_background(lambda: campaign.submit(jobs, lambda: Event().wait(4 * pause)))
        with disturbed(faults, max(0.1, every - AWAY_SECONDS)):
            submitting.join()
        result.require(campaign.until_ended(), "jobs were left hanging")
        campaign.judge(result)
        unhandled = [line for line in stack.logged() if line.get("level") in UNHANDLED]
        result.count(faults=dict(faults.done), unhandled_errors=len(unhandled))
        result.blame(*(f"an error was not handled: {line}" for line in unhandled))
        p99 = percentile(campaign.submitter.seconds, 0.99)
        result.require(p99 <= within, f"the p99 of answers was {p99:.3g} s")
        wrong = set(campaign.submitter.statuses) - {202, 503}
        result.require(not wrong, f"submissions were answered with {wrong}")
    return result.ended()


class Faults:
    """Each call does the next thing to PostgreSQL; `done` counts them."""

    def __init__(self, stack: Stack, campaign: Campaign) -> None:
        self._stack, self._chance = stack, campaign.chance
        self._kinds: dict[str, Callable[[], None]] = {
            "restarted": self._restart,
            "sessions ended": self._end_sessions,
            "cut": lambda: self._network("cut"),
            "half-open": lambda: self._network("half-open"),
            "reset": lambda: self._network("reset"),
        }
        self.done: Counter[str] = Counter()

    def __call__(self) -> None:
        """Restart it, and each second time something else."""
        number = sum(self.done.values())
        name = "restarted" if number % 2 == 0 else self._chance.choice(sorted(self._kinds))
        self._kinds[name]()
        self.done[name] += 1

    def _restart(self) -> None:
        self._stack.postgres.stop()
        Event().wait(AWAY_SECONDS)
        self._stack.postgres.start()

    def _end_sessions(self) -> None:
        with psycopg.connect(self._stack.postgres.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'deltarule' AND pid <> pg_backend_pid()"
            )

    def _network(self, mode: str) -> None:
        self._stack.database_proxy.become(mode)
        Event().wait(AWAY_SECONDS)
        # What was swallowed is gone: those connections can only end.
        self._stack.database_proxy.become("reset" if mode == "half-open" else "pass")


def _write_together(ground: Ground, writers: int, seconds: float) -> Result:
    """So many processes submit, claim, record, sweep and end jobs on one SQLite file, as fast as they can."""
    ground = Ground("sqlite", "none", writers, ground.seed)
    result = Result("5. database faults", str(ground), {"writers": writers, "writing_seconds": seconds})
    folder = Path(tempfile.mkdtemp(prefix="deltarule-storm-"))
    try:
        url = f"sqlite:///{folder / 'deltarule.sqlite3'}"
        upgrade(url)
        with ProcessPoolExecutor(writers, mp_context=multiprocessing.get_context("spawn")) as pool:
            done = list(pool.map(_write, [url] * writers, [seconds] * writers))
        log = (folder / "deltarule.sqlite3-wal").stat().st_size if (folder / "deltarule.sqlite3-wal").exists() else 0
    finally:
        shutil.rmtree(folder)
    errors = [error for _, faults in done for error in faults]
    result.count(jobs_of_each_writer=[jobs for jobs, _ in done], errors=len(errors), log_bytes=log)
    result.blame(*errors)
    result.require(all(jobs for jobs, _ in done), "a writer came to nothing")
    return result.ended()


def _write(url: str, seconds: float) -> tuple[int, list[str]]:
    """Live whole lives of jobs until the time is over; how many, and every error."""
    database, lives, errors = Database(url, durable=False), 0, []
    jobs, attempts, end = Jobs(database), Attempts(database), time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            job = jobs.add(None, name="storm", spec={})
            claim = attempts.claim(job.id, "writer", 60)
            assert claim is not None
            for epoch in range(1, 6):
                attempts.record(claim.lease, report(epoch, epoch, checkpoint=True), lease_seconds=60)
                jobs.get(None, job.id)
            attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model())
            sweep(database)
            lives += 1
        except Exception as error:
            errors.append(f"{error!r} because of {error.__cause__!r}")
    database.close()
    return lives, errors
