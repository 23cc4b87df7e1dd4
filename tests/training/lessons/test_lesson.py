import json
from typing import Any

import pytest
from pydantic import ValidationError

from deltarule.training.lessons import Lesson

JOB: dict[str, Any] = {"name": "one", "data": {"inputs": [[0], [1]], "targets": [[0], [1]]}}


def lesson(**fields: object) -> Lesson:
    whole = {
        "title": "A title",
        "question": "A question?",
        "look_for": "A number.",
        "explanation": "Because.",
        "jobs": {"a": JOB},
        "expect": [{"job": "a", "measure": "training_loss", "below": 1}],
    }
    return Lesson.model_validate_json(json.dumps(whole | fields))


def test_a_job_is_kept_as_it_is_posted() -> None:
    (job,) = lesson().jobs.values()
    assert job.model_dump(mode="json", exclude_unset=True) == JOB


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"measure": "training_loss"}, "one of equals"),
        ({"measure": "training_loss", "below": 1, "above": 0}, "one of equals"),
        ({"measure": "stop_reason", "below": 1}, "Give equals to stop_reason"),
        ({"measure": "epochs", "equals": "5"}, "Give equals to stop_reason"),
        ({"measure": "stop_reason", "equals": "diverged", "of": "a"}, "another job only where"),
        ({"measure": "epochs_to_loss", "below": 1}, "Give a loss"),
        ({"measure": "epochs", "below": 1, "loss": 1}, "Give a loss"),
        ({"job": "b", "measure": "epochs", "below": 1}, "which has no b"),
        ({"measure": "epochs", "below": 1, "of": "c"}, "which has no c"),
    ],
)
def test_an_expectation_that_cannot_be_judged_is_refused(expected: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        lesson(expect=[{"job": "a"} | expected])


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        ({"a": JOB, "b": JOB}, "a name of its own"),
        ({"a": {"data": JOB["data"]}}, "a name of its own"),
        ({"a": {"name": "one", "dataset_id": "d", "target": "t"}}, "its data"),
        ({"a": JOB, "b": JOB | {"name": "two"}}, "nothing is expected of b"),
    ],
)
def test_jobs_that_could_not_be_started_or_found_again_are_refused(jobs: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        lesson(jobs=jobs)
