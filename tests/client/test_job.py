import itertools
from pathlib import Path

import httpx
import pytest

from deltarule.client import Client, Epoch, InvalidInput, Job, JobFailed, NotFound
from tests.client.standin import EPOCHS, StandIn, application


@pytest.fixture
def job(client: Client) -> Job:
    return client.submit({"target": "species", "dataset_id": "any"})


def test_each_epoch_arrives_once_and_in_order(job: Job) -> None:
    epochs = list(job)
    assert [epoch.number for epoch in epochs] == list(range(1, EPOCHS + 1))
    assert epochs[1] == Epoch(2, 0.5, 0.5, 0.01, 0.5, (0.1, 0.2))
    assert job.status == "succeeded"


def test_watching_again_shows_everything_again(job: Job) -> None:
    list(job)
    assert [epoch.number for epoch in job] == list(range(1, EPOCHS + 1))


def test_a_watch_tells_of_every_look_also_when_nothing_is_new(job: Job) -> None:
    looks = [[epoch.number for epoch in epochs] for epochs in job.watch()]
    assert looks == [[], [1, 2], [3, 4], [5], []]


def test_an_attempt_that_begins_anew_repeats_no_epoch(client: Client, standin: StandIn, job: Job) -> None:
    """A worker was lost: the history shrinks, and grows again to the same numbers."""
    watch = job.watch()
    assert [epoch.number for epochs in itertools.islice(watch, 3) for epoch in epochs] == [1, 2, 3, 4]
    standin.jobs[job.id]["progress"] = {**standin.jobs[job.id]["progress"], "epoch": 0}
    assert [epoch.number for epochs in watch for epoch in epochs] == [5]


def test_waiting_ends_with_the_job(job: Job) -> None:
    assert job.wait().status == "succeeded"
    assert job.ended


def test_waiting_no_longer_than_asked(standin: StandIn, job: Job) -> None:
    standin.endless = True
    ticks = itertools.count(0, 5)
    with pytest.raises(TimeoutError, match=f"{job.id} is still running after 12 s"):
        job.wait(timeout=12, clock=lambda: float(next(ticks)))


def test_a_failed_job_raises_what_it_failed_of(standin: StandIn, job: Job) -> None:
    standin.ending = "failed"
    with pytest.raises(JobFailed, match="no longer a number") as error:
        list(job)
    assert error.value.job_id == job.id
    with pytest.raises(JobFailed):
        job.wait()
    with pytest.raises(JobFailed):
        job.model()


def test_a_cancelled_job_keeps_its_history_and_has_a_model(job: Job) -> None:
    watch = job.watch()
    for _ in range(3):
        next(watch)
    assert job.cancel().status == "cancelling"
    assert job.wait().status == "cancelled"
    assert job.history().epoch == (1, 2, 3, 4)
    assert job.model().id == job.answer.model_id


def test_cancelling_what_has_ended_changes_nothing(job: Job) -> None:
    job.wait()
    assert job.cancel().status == "succeeded"


def test_the_whole_history_comes_as_columns_or_as_csv(job: Job) -> None:
    job.wait()
    assert job.history().best_epoch == 4
    assert job.history_csv().splitlines()[0] == b"epoch,training_loss"


def test_there_is_no_model_before_the_end(job: Job) -> None:
    with pytest.raises(NotFound, match="running and has no model"):
        job.model()


def test_a_job_is_removed(client: Client, standin: StandIn, job: Job) -> None:
    job.delete()
    assert not standin.jobs


def test_a_job_shows_itself_in_one_line(job: Job) -> None:
    assert repr(job) == f"Job('{job.id}', status='queued')"
    assert list(job.warnings) == ["Column bill is far larger than the others."]


def test_a_service_that_starts_again_while_a_job_is_watched_is_waited_for(standin: StandIn) -> None:
    inner = httpx.WSGITransport(application(standin))
    outcomes = itertools.cycle([True, False])

    class Restarting(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if next(outcomes):
                return inner.handle_request(request)
            raise httpx.ConnectError("refused")

    with Client("http://service.test", transport=Restarting()) as client:
        assert len(list(client.submit({"dataset_id": "any"}))) == EPOCHS


def test_a_job_is_plotted(job: Job, tmp_path: Path) -> None:
    job.wait()
    assert job.plot()._repr_svg_() == f"<svg>{EPOCHS}</svg>"
    for name in ("loss.svg", "loss.PNG"):
        assert job.plot(tmp_path / name).read_text() == f"<svg>{EPOCHS}</svg>"
    with pytest.raises(InvalidInput, match=r"A chart is no \.pdf"):
        job.plot("loss.pdf")


def test_a_notebook_shows_a_job_as_it_stands_and_without_a_service_what_is_known(standin: StandIn, job: Job) -> None:
    shown = job._repr_html_()
    assert "running" in shown
    assert "data:image/svg+xml;base64," in shown
    standin.jobs.clear()
    assert "<img" not in job._repr_html_()
    assert "training loss 0.25" in job._repr_html_()
