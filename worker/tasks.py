"""What Celery calls: as thin as a doorbell."""

from collections.abc import Callable

from celery import Celery
from celery.exceptions import Reject

from deltarule.store.doorbell import TASK
from worker.execution import Outcome


def add_tasks(app: Celery, execute: Callable[[str], Outcome]) -> None:
    """Give the app its one task, which executes the job of this id."""

    @app.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def train(job_id: str) -> None:
        if execute(job_id) is Outcome.RELEASED:
            # Back to the queue, so that another worker hears of it at once.
            raise Reject("the worker is stopping", requeue=True)
