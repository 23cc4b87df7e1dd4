"""What many pages say in the same way: headings, figures, times, how a job stands."""

from datetime import datetime

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.store.records import Job
from deltarule.store.states import Status
from service.captions import clean
from service.dashboard.components import Moment
from service.dashboard.table import page_at
from service.schemas.jobs import ProgressAnswer

COLOURS = {
    Status.QUEUED: "gray",
    Status.RUNNING: "blue",
    Status.CANCELLING: "orange",
    Status.SUCCEEDED: "green",
    Status.FAILED: "red",
    Status.CANCELLED: "gray",
}


def heading(title: str, *beside: Component) -> Component:
    """The heading of a page, and what stands beside it. The focus goes there when the page is opened."""
    return dmc.Group(
        [dmc.Title(title, order=1, size="h2", tabIndex=-1, className="heading"), *beside], gap="sm", align="center"
    )


def section(title: str, *children: Component | str | None) -> Component:
    """A part of a page with a heading of its own."""
    return dmc.Paper(
        [dmc.Title(title, order=2, size="h4", mb="sm"), *(child for child in children if child is not None)],
        withBorder=True,
        p="md",
        className="section",
    )


def status_badge(status: Status) -> Component:
    """How a job stands, in a word; its sentence where the pointer rests."""
    return html.Span(status.value, className=f"status status-{status.value}", title=status.sentence)


def link(text: str, href: str) -> Component:
    """A link to another page of the dashboard."""
    return dmc.Anchor(text, href=href, refresh=False, inherit=True)


def button(text: str, href: str) -> Component | None:
    """A link that looks like a button; None where there is no page at the address."""
    if page_at(href.partition("?")[0]) is None:
        return None
    return dmc.Anchor(text, href=href, refresh=False, underline="never", className="action")


def figure(number: float | None) -> str:
    """A measured number for people."""
    return "–" if number is None else f"{number:.4g}"


def moment(at: datetime | None) -> Component | str:
    """A time, as the browser's user writes times."""
    return "–" if at is None else Moment(at)


def name_of(name: str | None, identifier: str) -> str:
    """A name on one line; the end of the id, which tells more than its beginning, where there is none."""
    return clean(name) or f"…{identifier[-12:]}"


def reached(job: Job) -> float:
    """How far the training has come, from 0 to 1; of a job that was stopped, how far it had come then."""
    progress = ProgressAnswer.of(job)
    stopped = job.status.ended and job.status is not Status.SUCCEEDED
    return progress.epoch / max(1, progress.epochs) if stopped else progress.fraction
