import pytest

from deltarule.training.lessons import lessons
from service.dashboard.schooling import is_as_asked, start, started, verdicts
from service.services import Services

LESSON = lessons()["1_xor"]


def test_a_lesson_that_was_started_is_found_again(services: Services) -> None:
    assert started(services, None, LESSON) == {}
    start(services, None, LESSON)
    jobs = started(services, None, LESSON)
    assert {name: job.name for name, job in jobs.items()} == {name: LESSON.name(name) for name in LESSON.jobs}


def test_of_jobs_that_wait_nothing_is_known(services: Services) -> None:
    start(services, None, LESSON)
    told = verdicts(services, None, LESSON, started(services, None, LESSON))
    assert [verdict.is_met for verdict in told] == [None, None]


def test_somebody_elses_jobs_are_not_mine(services: Services) -> None:
    start(services, services.keys.add("other")[0].id, LESSON)
    assert started(services, services.keys.add("mine")[0].id, LESSON) == {}


@pytest.mark.parametrize(
    ("asked", "resolved", "is_same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "data": {"x": 1}}, {"a": 1, "data": None}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {}, False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ([1], [1, 2], False),
        ({"a": None}, {"a": None}, True),
    ],
)
def test_a_job_is_as_asked_if_nothing_that_was_asked_differs(asked: object, resolved: object, is_same: bool) -> None:
    assert is_as_asked(asked, resolved) is is_same
