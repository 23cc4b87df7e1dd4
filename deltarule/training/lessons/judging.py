"""Whether a lesson's jobs came out as it says: each expectation as a sentence, with what was found."""

from collections.abc import Mapping
from dataclasses import dataclass

from deltarule.training.lessons.lesson import Expectation, Lesson
from deltarule.training.lessons.outcome import MEASURES, Outcome, Value


@dataclass(frozen=True, slots=True)
class Verdict:
    """An expectation in words, what was found instead or as expected, and whether it is met; None: not known yet."""

    sentence: str
    found: str | None
    is_met: bool | None


def judge(lesson: Lesson, outcomes: Mapping[str, Outcome]) -> tuple[Verdict, ...]:
    """Each expectation of the lesson, in order.

    Args:
        lesson: what is expected.
        outcomes: of the jobs that have ended, by what the lesson calls them.
    """
    return tuple(_verdict(lesson, expected, outcomes) for expected in lesson.expect)


def _verdict(lesson: Lesson, expected: Expectation, outcomes: Mapping[str, Outcome]) -> Verdict:
    sentence = _sentence(lesson, expected)
    needed = [name for name in (expected.job, expected.of) if name is not None]
    if any(name not in outcomes for name in needed):
        return Verdict(sentence, None, None)
    values = [_measured(expected, outcomes[name]) for name in needed]
    return Verdict(sentence, " and ".join(map(_told, values)), _is_met(expected, values[0], *values[1:]))


def _measured(expected: Expectation, outcome: Outcome) -> Value:
    return MEASURES[expected.measure].of(outcome, expected.loss or 0.0)


def _is_met(expected: Expectation, value: Value, unit: Value = 1.0) -> bool:
    if expected.equals is not None:
        return value == expected.equals
    if not isinstance(value, float) or not isinstance(unit, float):
        return False
    if expected.below is not None:
        return value < expected.below * unit
    return expected.above is not None and value > expected.above * unit


def _sentence(lesson: Lesson, expected: Expectation) -> str:
    """Such as: job one: the number of epochs is below 0.5 times that of job two."""
    phrase = MEASURES[expected.measure].phrase.format(loss=expected.loss)
    condition = expected.equals
    if condition is None:
        word, bound = ("below", expected.below) if expected.below is not None else ("above", expected.above)
        condition = f"{word} {bound:g}"
    other = f" times that of {lesson.name(expected.of)}" if expected.of is not None else ""
    return f"{lesson.name(expected.job)}: {phrase} is {condition}{other}."


def _told(value: Value) -> str:
    if value is None:
        return "nothing to measure"
    return value if isinstance(value, str) else f"{value:.4g}"
