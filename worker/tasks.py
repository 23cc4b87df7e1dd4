"""What Celery calls: as thin as a doorbell."""

import logging
from collections.abc import Callable

import structlog
from celery import Celery
from celery.exceptions import Reject

from deltarule.store.doorbell import TASK
from deltarule.store.errors import Unavailable
from worker.execution import Outcome


def add_tasks(app: Celery, execute: Callable[[str], Outcome]) -> None:
    """Give the app its one task, which executes the job of this id."""
    # That a job was given back is told in a line of our own; Celery would add a trace, as if something had gone wrong.
    logging.getLogger("celery.app.trace").setLevel(logging.ERROR)

    @app.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def train(job_id: str) -> None:
        try:
            outcome = execute(job_id)
        except Unavailable as error:
            # Nothing was claimed: it is rung for again.
            structlog.get_logger().warning("job not claimed", job_id=job_id, reason=str(error))
            return
        if outcome is Outcome.RELEASED:
            # Back to the queue, so that another worker hears of it at once.
            raise Reject("the worker is stopping", requeue=True)
