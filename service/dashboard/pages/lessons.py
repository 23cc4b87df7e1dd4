"""Lessons: what a network does and why, as jobs that anybody starts with a click, held to what is said of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, callback, ctx, html, no_update
from dash.development.base_component import Component

from deltarule.store.records import Job
from deltarule.training.lessons import Lesson, Verdict, lessons
from service.authentication import owner
from service.dashboard import schooling
from service.dashboard.polling import pace, polled
from service.dashboard.words import button, figure, heading, link, section, status_badge
from service.services import services

START = "lessons-start"
STEPPER = {"2_vanishing": ("Its gradients, layer by layer", "/stepper?preset=vanishing")}
WORDS: Mapping[bool | None, tuple[str, str]] = {
    True: ("came out", "succeeded"),
    False: ("did not come out", "failed"),
    None: ("not known yet", "queued"),
}


def layout(_: Mapping[str, str]) -> Component:
    """All lessons, and how they stand for whoever asks."""
    found = {name: _jobs(lesson) for name, lesson in lessons().items()}
    pace(_is_busy(found))
    return dmc.Stack(
        [
            heading("Lessons"),
            dmc.Text(
                "Each one starts real jobs. What must come of them was written down before, and is checked when they "
                "have ended."
            ),
            *(_lesson(name, lesson, found[name]) for name, lesson in lessons().items()),
        ]
    )


def _lesson(name: str, lesson: Lesson, jobs: Mapping[str, Job]) -> Component:
    words = [
        html.Div([html.Dt(term), html.Dd(told)])
        for term, told in (
            ("Question", lesson.question),
            ("Look for", lesson.look_for),
            ("Why", lesson.explanation),
        )
    ]
    count = len(lesson.jobs)
    actions = [
        dmc.Button(
            f"Start its {count} jobs",
            id={"type": START, "lesson": name},
            size="sm",
            **{"aria-label": f"Start the {count} jobs of: {lesson.title}"},
        )
    ]
    if name in STEPPER and (more := button(*STEPPER[name])):
        actions.append(more)
    state = html.Div(_state(lesson, jobs), id=_state_id(name), **{"aria-live": "polite"})
    return section(lesson.title, html.Dl(words, className="lesson"), dmc.Group(actions, gap="sm", my="sm"), state)


def _state(lesson: Lesson, jobs: Mapping[str, Job]) -> list[Component]:
    """The jobs that were started, and what came of them."""
    if not jobs:
        return []
    rows = [_row(job) for job in jobs.values()]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("job", "status", "epochs", "training loss")]))
    compare = button("Compare them", "/compare?ids=" + ",".join(job.id for job in jobs.values()))
    told = [_verdict(one) for one in schooling.verdicts(services(), owner(), lesson, jobs)]
    return [
        html.Div(html.Table([head, html.Tbody(rows)], className="lesson-jobs"), className="lesson-wide"),
        *([compare] if compare else []),
        html.Ul(told, className="verdicts"),
    ]


def _row(job: Job) -> Component:
    epochs = str(job.progress.epoch) if job.progress else "–"
    return html.Tr(
        [
            html.Th(link(job.name or job.id, f"/jobs/{job.id}"), scope="row"),
            html.Td([status_badge(job.status), *_why(job)]),
            html.Td(epochs),
            html.Td(figure(job.metrics.get("training_loss"))),
        ]
    )


def _why(job: Job) -> Iterator[str]:
    if job.stop_reason:
        yield f" {job.stop_reason.replace('_', ' ')}"


def _verdict(verdict: Verdict) -> Component:
    word, colour = WORDS[verdict.is_met]
    found = f" Found: {verdict.found}." if verdict.found else ""
    return html.Li([html.Span(word, className=f"status status-{colour}"), f" {verdict.sentence}{found}"])


def _jobs(lesson: Lesson) -> Mapping[str, Job]:
    return schooling.started(services(), owner(), lesson)


def _is_busy(found: Mapping[str, Mapping[str, Job]]) -> bool:
    return any(not job.status.ended for jobs in found.values() for job in jobs.values())


def _state_id(name: str) -> str:
    return f"lessons-state-{name}"


@callback(
    [Output(_state_id(name), "children", allow_duplicate=True) for name in lessons()],
    Input({"type": START, "lesson": ALL}, "n_clicks"),
    prevent_initial_call=True,
)
def begin(clicks: list[int | None]) -> list[Any]:
    """Start a lesson's jobs."""
    unchanged = [no_update] * len(lessons())
    # Buttons that have just been drawn report that nobody clicked them.
    if not any(clicks) or not ctx.triggered_id:
        return unchanged
    name = ctx.triggered_id["lesson"]
    lesson = lessons()[name]
    schooling.start(services(), owner(), lesson)
    pace(True)
    return [_state(lesson, _jobs(lesson)) if other == name else no_update for other in lessons()]


@polled([Output(_state_id(name), "children") for name in lessons()])
def look() -> list[Any]:
    """How the lessons stand."""
    found = {name: _jobs(lesson) for name, lesson in lessons().items()}
    pace(_is_busy(found))
    return [_state(lesson, found[name]) for name, lesson in lessons().items()]
