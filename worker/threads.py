"""How many threads multiply matrices: chosen once for a job, because another number may round its sums otherwise."""

import os
from functools import cached_property

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from deltarule.store.records import Job
from deltarule.training.run import Run

WORTHWHILE_PRODUCTS = 100_000_000
"""Multiplications of one batch's way forward, from which on a second thread is worth its waiting."""
FULL_ROWS = 256
"""What the batch of a whole table counts as, whose rows nobody has counted here."""
SHARE = "OPENBLAS_NUM_THREADS"
"""The variable that tells a worker its share of the cores; whoever starts the workers sets it."""


def worthwhile(parameters: int, rows: int, most: int) -> int:
    """Of at most so many threads, as many as pay for a network of so many parameters and batches of so many rows."""
    return most if parameters * rows >= WORTHWHILE_PRODUCTS else 1


class Threads:
    """The threads of the linear algebra that this process has loaded; `most` of them are its share of the cores."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or _share()

    def set_for(self, job: Job, run: Run) -> int:
        """Have this run computed by as many threads as it began with, or by its share where they pay; their number."""
        threads = job.threads or worthwhile(run.parameters, _rows(run), self._most)
        self._libraries.limit(limits=threads, user_api="blas")
        return threads

    @cached_property
    def _libraries(self) -> ThreadpoolController:
        # At the first job only: it sees what is loaded by then.
        return ThreadpoolController()


def _share() -> int:
    given = os.environ.get(SHARE, "")
    return max(1, int(given)) if given.isdecimal() else 1


def _rows(run: Run) -> int:
    rows = run.definition.training.batch_size
    return rows if isinstance(rows, int) else FULL_ROWS
