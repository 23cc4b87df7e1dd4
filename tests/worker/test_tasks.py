"""What Celery calls: whatever becomes of a job, its message is spent or goes back, and nothing else is raised."""

import pytest
from celery import Celery
from celery.exceptions import Reject

from deltarule.store.doorbell import TASK
from deltarule.store.errors import Unavailable
from worker.execution import Outcome
from worker.tasks import add_tasks


def test_a_job_that_was_given_back_goes_back_to_the_queue() -> None:
    app = Celery("test", set_as_current=False)
    add_tasks(app, lambda _: Outcome.RELEASED)
    with pytest.raises(Reject):
        app.tasks[TASK]("some job")


def test_a_job_that_could_not_be_claimed_is_left_to_the_sweeper(capsys: pytest.CaptureFixture[str]) -> None:
    def away(job_id: str) -> Outcome:
        raise Unavailable("The database does not answer; try again in a moment.")

    app = Celery("test", set_as_current=False)
    add_tasks(app, away)
    app.tasks[TASK]("some job")
    assert "job not claimed" in capsys.readouterr().out
