from typing import Any

import pytest

from deltarule.training.lessons import Outcome, Verdict, judge
from tests.training.lessons.test_lesson import JOB, lesson

FIRST = Outcome("epochs_done", [4.0, 2.0, 1.0, 0.5], [3.0, 1.0, 2.0], [(0.001, 0.1), (1.0, 1.0)])
SECOND = Outcome("early_stopping", [1.0])
OUTCOMES = {"a": FIRST, "b": SECOND}


def verdict(outcomes: dict[str, Outcome] | None = None, **expected: object) -> Verdict:
    jobs = {"a": JOB, "b": JOB | {"name": "two"}}
    others = [{"job": job, "measure": "epochs", "above": 0} for job in jobs]
    whole = lesson(jobs=jobs, expect=[{"job": "a"} | expected, *others])
    return judge(whole, OUTCOMES if outcomes is None else outcomes)[0]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"measure": "stop_reason", "equals": "epochs_done"}, "epochs_done"),
        ({"measure": "epochs", "above": 3}, "4"),
        ({"measure": "training_loss", "below": 0.6}, "0.5"),
        ({"measure": "validation_rise", "above": 1.9}, "2"),
        ({"measure": "gradient_share", "below": 0.011}, "0.01"),
        ({"measure": "epochs_to_loss", "loss": 1, "below": 3.5}, "3"),
        ({"measure": "epochs_to_loss", "loss": 1, "above": 2.5, "of": "b"}, "3 and 1"),
    ],
)
def test_what_is_so_is_met(expected: dict[str, Any], found: str) -> None:
    told = verdict(**expected)
    assert (told.is_met, told.found) == (True, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"measure": "stop_reason", "equals": "diverged"}, "epochs_done"),
        ({"measure": "epochs", "above": 4}, "4"),
        ({"measure": "training_loss", "below": 0.5}, "0.5"),
        ({"measure": "epochs_to_loss", "loss": 0.1, "below": 100}, "nothing to measure"),
        ({"measure": "epochs", "below": 4, "of": "b"}, "4 and 1"),
        ({"job": "b", "measure": "validation_rise", "above": 0}, "nothing to measure"),
        ({"job": "b", "measure": "gradient_share", "above": 0}, "nothing to measure"),
    ],
)
def test_what_is_not_so_is_not_met(expected: dict[str, Any], found: str) -> None:
    told = verdict(**expected)
    assert (told.is_met, told.found) == (False, found)


def test_of_a_job_that_has_not_ended_nothing_is_known() -> None:
    told = verdict({"b": SECOND}, measure="epochs", below=2)
    assert (told.is_met, told.found) == (None, None)


def test_an_expectation_is_told_in_words() -> None:
    told = verdict(measure="epochs_to_loss", loss=0.01, below=0.25, of="b")
    assert told.sentence == "one: the number of epochs to a training loss of 0.01 is below 0.25 times that of two."
