"""Every lesson is true: its jobs, trained as they stand, come out as it says."""

import tomllib
from pathlib import Path

import pytest

from deltarule.training.lessons import Lesson, Outcome, judge, lessons
from deltarule.training.lessons.shelf import PLACES
from deltarule.training.resolution import resolve
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import from_inline, read

ROOT = Path(__file__).parents[3]


def trained(spec: Spec) -> Outcome:
    """What the trainer makes of a job, as it is posted."""
    assert spec.data
    table = read(from_inline(spec.data), "json")
    run = Run(resolve(spec, table.schema), table)
    epochs = []
    while not run.finished:
        epochs += run.advance(0.2).epochs
    return Outcome(
        run.stop_reason,
        [epoch.training_loss for epoch in epochs],
        [epoch.validation_loss for epoch in epochs if epoch.validation_loss is not None],
        [epoch.gradient_norm for epoch in epochs],
    )


def test_the_issues_lessons_are_here() -> None:
    assert list(lessons()) == ["1_xor", "2_vanishing", "3_learning_rate", "4_overfitting", "5_momentum"]


@pytest.mark.parametrize("lesson", lessons().values(), ids=lessons())
def test_it_comes_out_as_it_says(lesson: Lesson) -> None:
    verdicts = judge(lesson, {name: trained(job) for name, job in lesson.jobs.items()})
    assert [verdict for verdict in verdicts if not verdict.is_met] == []


def test_jobs_of_all_lessons_have_names_of_their_own() -> None:
    names = [job.name for lesson in lessons().values() for job in lesson.jobs.values()]
    assert len(set(names)) == len(names)


def test_an_installed_package_has_them_where_they_are_looked_for() -> None:
    included = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    source, target = (ROOT / path for path in next(iter(included["force-include"].items())))
    assert (target, source) == PLACES


def test_the_image_is_built_with_them() -> None:
    assert "COPY examples/lessons /source/examples/lessons" in (ROOT / "Dockerfile").read_text()
    assert "!examples/lessons" in (ROOT / ".dockerignore").read_text().splitlines()
