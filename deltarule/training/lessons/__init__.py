"""Lessons: jobs that show one thing each, and what must come of them; tests hold them to it, the dashboard starts them.

Their files are those of `examples/lessons`, one JSON each: what is posted as it stands, and what to expect as data.
"""

from deltarule.training.lessons.judging import Verdict, judge
from deltarule.training.lessons.lesson import Expectation, Lesson
from deltarule.training.lessons.outcome import Outcome
from deltarule.training.lessons.shelf import lessons

__all__ = ["Expectation", "Lesson", "Outcome", "Verdict", "judge", "lessons"]
