"""Nobody has to notice that something was lost: every worker looks for it, all the time."""

from collections.abc import Callable
from threading import Event, Thread

import structlog

from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import Unavailable
from deltarule.store.jobs import Jobs
from deltarule.store.records import Swept
from deltarule.store.sweeping import sweep
from worker.deafness import Deafness

TIDY_SECONDS = 3600.0


class Sweeper(Thread):
    """A thread that puts right what no worker will, and rings for every job that waits unheard.

    `ring` publishes one message and may raise anything; a database or broker that is away is only waited for.
    `deafness` is asked whether this worker hears its own rings.
    """

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        datasets: Datasets,
        ring: Callable[[str], None],
        seconds: float,
        *,
        deafness: Deafness | None = None,
    ) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._database = database
        self._jobs = jobs
        self._datasets = datasets
        self._ring = ring
        self._seconds = seconds
        self._deafness = deafness
        self._ending = Event()
        self._rounds_between_tidying = max(1, round(TIDY_SECONDS / seconds))

    def run(self) -> None:
        """Sweep at once, and then again and again until `end`."""
        rounds = 0
        while not self._ending.is_set():
            self._round(tidy=rounds % self._rounds_between_tidying == 0)
            rounds += 1
            self._ending.wait(self._seconds)

    def end(self) -> None:
        """Let the thread end after the sweep it is at."""
        self._ending.set()

    def _round(self, *, tidy: bool) -> None:
        try:
            self.sweep()
            if tidy:
                self._datasets.tidy()
        except Unavailable as error:
            structlog.get_logger().warning("not swept", reason=str(error), cause=repr(error.__cause__))
        except Exception:
            structlog.get_logger().exception("sweep failed")

    def sweep(self) -> Swept:
        """One sweep, and a ring for each job that needs one; raises Unavailable."""
        swept = sweep(self._database)
        for found in ("requeued", "cancelled", "failed", "out_of_time"):
            for job_id in getattr(swept, found):
                structlog.get_logger().warning(f"silent job {found}", job_id=job_id)
        self._ring_all(swept.ring)
        if self._deafness is not None:
            self._deafness.look()
        return swept

    def _ring_all(self, job_ids: tuple[str, ...]) -> None:
        rung: list[str] = []
        try:
            for job_id in job_ids:
                self._ring(job_id)
                rung.append(job_id)
                if self._deafness is not None:
                    self._deafness.rung(job_id)
        except Exception as error:
            # The others would only fail too, each after its timeout.
            structlog.get_logger().warning("broker not reached", waiting=len(job_ids), reason=type(error).__name__)
        if rung:
            self._jobs.rung(*rung)
