"""Several jobs beside each other: their curves together, the best of each, and only what they differ in."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from deltarule.store.errors import NotFound
from deltarule.store.records import Job
from service.authentication import owner
from service.dashboard import comparison
from service.dashboard.comparison import Compared
from service.dashboard.curves import LINEAR, LOGARITHMIC
from service.dashboard.figures import graph
from service.dashboard.job_parts import mark, table
from service.dashboard.polling import pace, polled
from service.dashboard.words import heading, link, name_of, section, status_badge
from service.services import services

MOST = 12
"""Jobs at once; more curves cannot be told apart."""
CHOICES = 200
"""Jobs to choose from: the newest."""
TRAINING, VALIDATION = "training_loss", "validation_loss"


def layout(query: Mapping[str, str]) -> Component:
    """The jobs that the address names."""
    ids = [identifier for identifier in query.get("ids", "").split(",") if identifier][:MOST]
    found = _found(ids)
    pace(any(not one.job.status.ended for one in found))
    loss = VALIDATION if any(row.validation_loss is not None for one in found for row in one.rows) else TRAINING
    return dmc.Stack(
        [
            heading("Compare jobs"),
            dcc.Store("compare-seen", data=_mark(found)),
            dmc.MultiSelect(
                id="compare-jobs",
                label="Jobs",
                description="The address of this page names them, so that it can be shared or kept.",
                placeholder="" if found else "choose two or more",
                data=_choices(found),
                value=[one.job.id for one in found],
                searchable=True,
                hidePickedOptions=True,
                maxValues=MOST,
            ),
            _curves(found, loss),
            html.Div(_tables(found), id="compare-tables"),
        ]
    )


def _curves(found: Sequence[Compared], loss: str) -> Component:
    losses = [{"value": TRAINING, "label": "Training"}, {"value": VALIDATION, "label": "Validation"}]
    scales = [{"value": LINEAR, "label": "Linear"}, {"value": LOGARITHMIC, "label": "Log"}]
    controls = dmc.Group(
        [
            dmc.SegmentedControl(id="compare-loss", data=losses, value=loss, size="xs", **{"aria-label": "Which loss"}),
            dmc.SegmentedControl(
                id="compare-scale", data=scales, value=LINEAR, size="xs", **{"aria-label": "Scale of the loss"}
            ),
        ]
    )
    shown = section("Loss", controls, graph("compare-curves", comparison.curves(found, loss, LINEAR)))
    return html.Div(shown, id="compare-shown", hidden=comparison.is_blank(found))


def _tables(found: Sequence[Compared]) -> Component | None:
    if not found:
        return None
    best = [
        [link(one.name, f"/jobs/{one.job.id}"), status_badge(one.job.status), *cells]
        for one, (_, _, *cells) in zip(found, comparison.best(found), strict=True)
    ]
    differences = comparison.differences([one.job.spec for one in found])
    body = [[path, *values] for path, values in differences.items()]
    told: Component = table(["setting", *(one.name for one in found)], body)
    same = dmc.Text("Their settings are the same.", size="sm")
    return dmc.Stack(
        [
            section("Best values", table(["job", "status", "epochs", "best loss", "in epoch"], best)),
            section(
                "Settings that differ", (told if body else same) if len(found) > 1 else dmc.Text("Choose another.")
            ),
        ]
    )


@polled(
    (
        Output("compare-curves", "figure", allow_duplicate=True),
        Output("compare-shown", "hidden"),
        Output("compare-tables", "children", allow_duplicate=True),
        Output("compare-seen", "data"),
    ),
    State("compare-jobs", "value"),
    State("compare-loss", "value"),
    State("compare-scale", "value"),
    State("compare-seen", "data"),
)
def refresh(ids: Sequence[str], loss: str, scale: str, seen: str) -> tuple[Any, ...]:
    """Show what has changed."""
    jobs = _jobs(ids)
    pace(any(not job.status.ended for job in jobs))
    if " ".join(map(mark, jobs)) == seen:
        return (no_update,) * 4
    found = _found(ids)
    return comparison.curves(found, loss, scale), comparison.is_blank(found), _tables(found), _mark(found)


@callback(
    Output("compare-curves", "figure"),
    Input("compare-loss", "value"),
    Input("compare-scale", "value"),
    State("compare-jobs", "value"),
    prevent_initial_call=True,
)
def redraw(loss: str, scale: str, ids: Sequence[str]) -> dict[str, Any]:
    """Show the other loss, or another scale."""
    return comparison.curves(_found(ids), loss, scale)


@callback(
    Output("address", "href", allow_duplicate=True),
    Input("compare-jobs", "value"),
    prevent_initial_call=True,
)
def choose(ids: Sequence[str]) -> str:
    """Go to the address that names these jobs."""
    return f"/compare?ids={','.join(ids)}"


def _jobs(ids: Sequence[str]) -> list[Job]:
    """Those of them that are there, and whoever asks may see."""
    found = []
    for identifier in ids:
        try:
            found.append(services().jobs.get(owner(), identifier))
        except NotFound:
            continue
    return found


def _found(ids: Sequence[str]) -> list[Compared]:
    jobs = _jobs(ids)
    names = [name_of(job.name, job.id) for job in jobs]
    return [
        Compared(job, services().jobs.history(owner(), job.id), _told_apart(name, job.id, names))
        for job, name in zip(jobs, names, strict=True)
    ]


def _told_apart(name: str, identifier: str, names: Sequence[str]) -> str:
    return name if names.count(name) == 1 else f"{name} …{identifier[-6:]}"


def _mark(found: Sequence[Compared]) -> str:
    return " ".join(mark(one.job) for one in found)


def _choices(found: Sequence[Compared]) -> list[dict[str, str]]:
    newest = services().jobs.page(owner(), CHOICES).items
    jobs = {job.id: job for job in (*newest, *(one.job for one in found))}
    names = [name_of(job.name, job.id) for job in jobs.values()]
    return [
        {"value": job.id, "label": _told_apart(name, job.id, names)}
        for job, name in zip(jobs.values(), names, strict=True)
    ]
