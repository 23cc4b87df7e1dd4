from dataclasses import fields
from typing import Any

import pytest

from deltarule.store.records import HistoryRow, Job
from deltarule.store.states import Status
from service.captions import caption, loss_name, title

EPOCHS = tuple(HistoryRow(number, 1 / number, None, 0.1, 0.5) for number in (1, 2, 3))


def job(**values: Any) -> Job:  # noqa: ANN401 -- any field of a job
    given = {"id": "019f", "status": Status.RUNNING, "spec": {"loss": {"name": "cross_entropy"}}, **values}
    return Job(**{field.name: given.get(field.name) for field in fields(Job)})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("penguins", "penguins"),
        ("  two\nlines\t", "two lines"),
        ("\u202egnp.exe\x00\ud800", "gnp.exe"),
        ("$x^2$ <b>", "$x^2$ <b>"),
        ("\x07", "Job 019f"),
        (None, "Job 019f"),
    ],
)
def test_a_title_is_one_line_that_prints(name: str | None, shown: str) -> None:
    assert title(job(name=name)) == shown


@pytest.mark.parametrize(
    ("values", "epochs", "sentence"),
    [
        ({}, EPOCHS, "3 epochs so far, running"),
        ({"status": Status.SUCCEEDED, "stop_reason": "early_stopping"}, EPOCHS, "3 epochs, succeeded (early stopping)"),
        ({"status": Status.SUCCEEDED, "stop_reason": "epochs_done"}, EPOCHS[:1], "1 epoch, succeeded (epochs done)"),
        ({"status": Status.QUEUED}, (), "No epoch has been completed yet; the job is queued."),
        ({"status": Status.FAILED}, (), "The job has ended, and no epoch was completed."),
    ],
)
def test_it_says_how_the_job_went(values: dict[str, Any], epochs: tuple[HistoryRow, ...], sentence: str) -> None:
    assert caption(job(**values), epochs) == sentence


def test_it_says_where_the_training_diverged_and_from_where_it_was_asked_for() -> None:
    diverged = (*EPOCHS, HistoryRow(4, None, None, 0.1, 0.5))
    assert caption(job(), diverged) == "The loss of epoch 4 is not a finite number: the training diverged."
    assert caption(job(), (), since_epoch=7) == "No epoch after epoch 7 has been completed yet; the job is running."


def test_an_axis_names_its_loss() -> None:
    assert loss_name(job()) == "loss (cross entropy)"
    assert loss_name(job(spec={})) == "loss"
