"""What a job's page says in words and tables."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.store.errors import NotFound
from deltarule.store.records import Job, Transition
from deltarule.store.states import Status
from service.authentication import owner
from service.dashboard.measures import name_of_measure
from service.dashboard.words import figure, moment, reached, section, status_badge
from service.schemas.jobs import ProgressAnswer
from service.services import Services

STOPPED = {
    "epochs_done": "every epoch was trained",
    "early_stopping": "it had stopped getting better",
    "time_limit": "its time was over",
    "cancelled": "it was cancelled",
    "diverged": "its loss grew without end",
    "lost_too_often": "its worker was lost too often",
}


def mark(job: Job) -> str:
    """What changes with everything that the page shows."""
    return repr((job.status, job.attempt, job.progress, job.warnings, job.model_id, job.finished_at))


def standing(job: Job) -> Component:
    """How it stands, and why it ended."""
    words = STOPPED.get(job.stop_reason or "", (job.stop_reason or "").replace("_", " "))
    said = [status_badge(job.status), *([dmc.Text(f"({words})", size="sm", c="dimmed")] if words else [])]
    return dmc.Group(said, gap="xs")


def facts(job: Job) -> Component:
    """How far it is, how fast, since when."""
    progress = ProgressAnswer.of(job)
    percent = round(100 * reached(job))
    bar = dmc.ProgressRoot(dmc.ProgressSection(value=percent, **{"aria-label": "Progress of the training"}), size="lg")
    return dmc.Stack(
        [bar, dmc.Group([_fact(name, value) for name, value in _facts(job, progress)], gap="lg")], gap="sm"
    )


def troubles(job: Job) -> Component:
    """Why it failed and what to change; what it warns of."""
    parts = []
    if job.error:
        faults = [f"{fault.get('pointer')}: {fault.get('detail')}" for fault in job.error.get("errors") or ()]
        detail = [dmc.Text(str(job.error.get("detail", ""))), *(dmc.Text(fault, size="sm") for fault in faults)]
        parts.append(dmc.Alert(detail, title=str(job.error.get("title", "It failed")), color="red", variant="outline"))
    if job.warnings:
        items = [dmc.ListItem(warning) for warning in job.warnings]
        parts.append(dmc.Alert(dmc.List(items), title="Warnings", color="yellow", variant="outline"))
    return dmc.Stack(parts, gap="sm")


def metrics(services: Services, job: Job) -> Component | None:
    """The metrics of its model, else the latest figures that its worker told."""
    measured = _of_model(services, job)
    if measured is None and not job.metrics:
        return None
    columns = measured or {"latest": job.metrics}
    names = list(dict.fromkeys(name for column in columns.values() for name, value in column.items() if _plain(value)))
    body = [[name_of_measure(name), *(figure(column.get(name)) for column in columns.values())] for name in names]
    return section("Metrics", table(["Measure", *(column.capitalize() for column in columns)], body))


def specification(job: Job) -> Component:
    """The job with every default that was chosen, as it may be posted again."""
    text = json.dumps(job.spec, indent=2, ensure_ascii=False)
    return dmc.Stack(
        [
            dmc.Text("Every value that was chosen is in it; it may be posted again as it is.", size="sm", c="dimmed"),
            html.Details([html.Summary("The resolved job as JSON"), dmc.Code(text, block=True, **{"tabIndex": 0})]),
        ],
        gap="xs",
    )


def moves(services: Services, job: Job) -> Component:
    """Every change of its state."""
    found = services.jobs.transitions(owner(), job.id)
    body = [
        [moment(move.at), move.source or "–", status_badge(move.target), str(move.attempt), _why(move)]
        for move in found
    ]
    return table(["When", "From", "To", "Attempt", "Why"], body)


def table(head: list[str], body: list[list[Any]]) -> Component:
    """A table that scrolls by itself where it is wider than the page."""
    rows = [dmc.TableTr([dmc.TableTd(cell) for cell in row]) for row in body]
    return html.Div(
        dmc.Table(
            [
                dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in head])),
                dmc.TableTbody(rows),
            ],
            verticalSpacing="xs",
        ),
        className="wide",
        tabIndex=0,
    )


def _facts(job: Job, progress: ProgressAnswer) -> Iterator[tuple[str, Any]]:
    yield "Epoch", f"{progress.epoch:,} of {progress.epochs:,}"
    if progress.samples_per_second:
        yield "Rows a second", f"{progress.samples_per_second:,.0f}"
    if progress.eta_seconds is not None and not job.status.ended:
        yield "Time left", f"{progress.eta_seconds:,.1f} s"
    if job.status is Status.QUEUED:
        yield "", Status.QUEUED.sentence
    yield "Made", moment(job.created_at)
    if job.started_at:
        yield "Began", moment(job.started_at)
    if job.started_at and job.finished_at:
        yield "Took", f"{(job.finished_at - job.started_at).total_seconds():,.2f} s"
    if job.engine:
        yield "Trained by", f"{job.engine}, {job.threads} thread{'' if job.threads == 1 else 's'}"


def _why(move: Transition) -> str:
    """Why it moved; of some ends the store knows a short name only."""
    return STOPPED.get(move.why, move.why)


def _fact(name: str, value: Any) -> Component:  # noqa: ANN401 -- a text or a component
    return html.Div([dmc.Text(name, size="xs", c="dimmed"), html.Div(value, className="fact")])


def _of_model(services: Services, job: Job) -> dict[str, Mapping[str, Any]] | None:
    if job.model_id is None:
        return None
    try:
        measured = services.models.get(owner(), job.model_id).metrics
    except NotFound:
        return None
    return {name: column for name, column in measured.items() if column}


def _plain(value: object) -> bool:
    return isinstance(value, int | float)
