"""How the lessons stand: the last jobs that were started for each, and whether they came out as the lesson says.

A lesson's jobs are jobs like all others, found by their names; who changed one of them has a job of their own, which
proves nothing about the lesson.
"""

from collections.abc import Mapping
from functools import lru_cache

from deltarule.store.jobs import Jobs
from deltarule.store.records import Job
from deltarule.training.lessons import Lesson, Outcome, Verdict, judge
from service.services import Services
from service.submission import prepare, submit

OUTCOMES_KEPT = 64


def started(services: Services, owner: str | None, lesson: Lesson) -> Mapping[str, Job]:
    """The owner's newest job for each of the lesson's that was ever started, by what the lesson calls it."""
    newest = {name: services.jobs.page(owner, 1, name=spec.name).items for name, spec in lesson.jobs.items()}
    asked = {name: spec.model_dump(mode="json", exclude_unset=True) for name, spec in lesson.jobs.items()}
    return {name: jobs[0] for name, jobs in newest.items() if jobs and is_as_asked(asked[name], jobs[0].spec)}


def start(services: Services, owner: str | None, lesson: Lesson) -> None:
    """Queue all jobs of a lesson, as a client would; raises what `prepare` and `submit` raise."""
    prepared = [prepare(services, owner, spec) for spec in lesson.jobs.values()]
    for one in prepared:
        submit(services, owner, one, None)


def verdicts(services: Services, owner: str | None, lesson: Lesson, jobs: Mapping[str, Job]) -> tuple[Verdict, ...]:
    """What can be said of the lesson's expectations, by its jobs that have ended."""
    ended = {name: job for name, job in jobs.items() if job.status.ended}
    outcomes = {name: _outcome(services.jobs, owner, job.id, job.stop_reason) for name, job in ended.items()}
    return judge(lesson, outcomes)


def is_as_asked(asked: object, resolved: object) -> bool:
    """Whether a resolved job is what was asked for, apart from its data and from what was left open."""
    if isinstance(asked, dict) and isinstance(resolved, dict):
        return all(name == "data" or is_as_asked(value, resolved.get(name)) for name, value in asked.items())
    if isinstance(asked, list) and isinstance(resolved, list):
        return len(asked) == len(resolved) and all(map(is_as_asked, asked, resolved))
    return asked == resolved


@lru_cache(maxsize=OUTCOMES_KEPT)
def _outcome(jobs: Jobs, owner: str | None, job_id: str, stop_reason: str | None) -> Outcome:
    """What came of a job that has ended, which nothing changes any more."""
    rows = jobs.history(owner, job_id)
    return Outcome(
        stop_reason,
        [row.training_loss for row in rows if row.training_loss is not None],
        [row.validation_loss for row in rows if row.validation_loss is not None],
        [[norm for norm in row.gradient_norm if norm is not None] for row in rows],
    )
