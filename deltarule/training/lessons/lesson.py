"""A lesson says what it shows, and what must come out: a wrong sentence in it would be a failing test."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from deltarule.backprop.architecture import Positive
from deltarule.backprop.record import Record
from deltarule.training.lessons.outcome import WORDS, MeasureName
from deltarule.training.spec import Spec

Text = Annotated[str, Field(min_length=1)]


class Expectation(Record):
    """One thing that must come of a job: a measure of it `equals` a word, or is `below` or `above` a bound.

    Attributes:
        job: which of the lesson's.
        measure: what is looked at.
        loss: the one that `epochs_to_loss` counts to.
        of: another job of the lesson, whose measure the bound is multiplied with.
    """

    job: str
    measure: MeasureName
    loss: Positive | None = None
    equals: str | None = None
    below: float | None = None
    above: float | None = None
    of: str | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(given is not None for given in (self.equals, self.below, self.above)) != 1:
            raise ValueError("Give one of equals, below and above")
        if (self.equals is not None) != (self.measure in WORDS):
            raise ValueError(f"Give equals to {' and '.join(sorted(WORDS))}, and a bound to every other measure")
        if self.of is not None and self.equals is not None:
            raise ValueError("Give another job only where there is a bound to multiply")
        if (self.loss is not None) != (self.measure == "epochs_to_loss"):
            raise ValueError("Give a loss to epochs_to_loss, and to no other measure")
        return self


class Lesson(Record):
    """What a lesson shows: in words, as jobs that are posted as they stand, and as data.

    Attributes:
        title: what it is about.
        question: what its jobs answer.
        look_for: where the answer shows.
        explanation: why it is so.
        jobs: by what the expectations call them; they begin together.
        expect: what must come of them.
    """

    title: Text
    question: Text
    look_for: Text
    explanation: Text
    jobs: Annotated[dict[str, Spec], Field(min_length=1)]
    expect: Annotated[tuple[Expectation, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def name(self, job: str) -> str:
        """What people read for one of its jobs."""
        return self.jobs[job].name or job

    def _faults(self) -> Iterator[str]:
        if len({job.name for job in self.jobs.values()} - {None}) < len(self.jobs):
            yield "Give every job a name of its own, by which it is found again"
        if any(job.data is None for job in self.jobs.values()):
            yield "Give every job its data, so that it can be posted anywhere as it stands"
        named = {name for one in self.expect for name in (one.job, one.of) if name is not None}
        if unknown := sorted(named - set(self.jobs)):
            yield f"Expect something only of jobs of this lesson, which has no {', '.join(unknown)}"
        if silent := sorted(set(self.jobs) - named):
            yield f"Expect something of every job; nothing is expected of {', '.join(silent)}"
