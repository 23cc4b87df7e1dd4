"""One job: how it stands and how it learns, live; what it was asked for, and what it has come to."""

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from deltarule.store.records import HistoryRow, Job
from service.authentication import owner
from service.dashboard import curves
from service.dashboard.figures import graph
from service.dashboard.job_parts import facts, mark, metrics, moves, specification, standing, troubles
from service.dashboard.network import layers_of_job, picture
from service.dashboard.polling import pace, polled
from service.dashboard.removing import removable, removal
from service.dashboard.words import button, heading, name_of, section
from service.services import services

VANISHING = (
    "Dark where the gradient is small. A first layer that stays dark beside a bright last one learns hardly anything: "
    "its gradient vanishes."
)
CONSEQUENCE = "The job is removed with the history of its training, for good. Its model and its dataset stay."


def layout(_: Mapping[str, str], job_id: str) -> Component:
    """The job as it stands."""
    job, rows = services().jobs.get(owner(), job_id), services().jobs.history(owner(), job_id)
    pace(not job.status.ended)
    return dmc.Stack(
        [
            heading(name_of(job.name, job.id), html.Div(standing(job), id="job-standing")),
            _actions(job),
            dcc.Store("job-id", data=job.id),
            dcc.Store("job-seen", data=mark(job)),
            html.Div(facts(job), id="job-facts"),
            html.Div(troubles(job), id="job-troubles"),
            dmc.Text(curves.best_sentence(job, rows), id="job-best"),
            html.Div(_plots(job, rows), id="job-plots", hidden=curves.are_empty(rows)),
            section("Network", html.Div(picture(layers_of_job(services(), job)), className="wide", tabIndex=0)),
            html.Div(metrics(services(), job), id="job-metrics"),
            section("What it was asked for", specification(job)),
            section("What happened", html.Div(moves(services(), job), id="job-moves")),
        ]
    )


def _actions(job: Job) -> Component:
    download = f"/downloads/jobs/{job.id}/history"
    return dmc.Group(
        [
            html.Div(
                dmc.Button("Cancel", id="job-cancel", variant="default", size="xs"),
                id="job-may-cancel",
                hidden=job.status.ended,
            ),
            html.Div(_outcome(job), id="job-outcome", className="beside"),
            button("Compare", f"/compare?ids={job.id}"),
            button("Dataset", f"/datasets/{job.dataset_id}") if job.dataset_id else None,
            html.A("History as CSV", href=f"{download}.csv", className="action"),
            html.A("as JSON", href=f"{download}.json", className="action"),
            html.A("as picture", href=f"{download}.svg", className="action"),
            html.Div(
                removal("job", job.id, what="job", consequence=CONSEQUENCE),
                id="job-may-delete",
                hidden=not job.status.ended,
            ),
        ],
        gap="xs",
    )


def _outcome(job: Job) -> list[Component]:
    """What leads to the model, as soon as there is one."""
    if job.model_id is None:
        return []
    there = (
        button("Model", f"/models/{job.model_id}"),
        button("Open in the stepper", f"/stepper?model={job.model_id}"),
    )
    return [each for each in there if each is not None]


def _plots(job: Job, rows: Sequence[HistoryRow]) -> Component:
    scales = [{"value": curves.LINEAR, "label": "Linear"}, {"value": curves.LOGARITHMIC, "label": "Log"}]
    scale = dmc.SegmentedControl(
        id="job-scale", data=scales, value=curves.LINEAR, size="xs", **{"aria-label": "Scale of the loss"}
    )
    return dmc.Stack(
        [
            section("Loss", scale, graph("job-losses", curves.losses(job, rows, curves.LINEAR))),
            section(
                "Gradient norm of each layer",
                graph("job-gradients", curves.gradients(job, rows)),
                dmc.Text(VANISHING, size="sm", c="dimmed"),
            ),
            section("Learning rate", graph("job-rates", curves.rates(job, rows))),
        ]
    )


LIVE = (
    Output("job-standing", "children", allow_duplicate=True),
    Output("job-facts", "children", allow_duplicate=True),
    Output("job-troubles", "children", allow_duplicate=True),
    Output("job-best", "children", allow_duplicate=True),
    Output("job-plots", "hidden", allow_duplicate=True),
    Output("job-losses", "figure", allow_duplicate=True),
    Output("job-gradients", "figure", allow_duplicate=True),
    Output("job-rates", "figure", allow_duplicate=True),
    Output("job-metrics", "children", allow_duplicate=True),
    Output("job-moves", "children", allow_duplicate=True),
    Output("job-outcome", "children", allow_duplicate=True),
    Output("job-may-cancel", "hidden", allow_duplicate=True),
    Output("job-may-delete", "hidden", allow_duplicate=True),
    Output("job-seen", "data", allow_duplicate=True),
)


@polled(LIVE, State("job-id", "data"), State("job-seen", "data"), State("job-scale", "value"))
def refresh(job_id: str, seen: str, scale: str) -> tuple[object, ...]:
    """Show what has changed."""
    job = services().jobs.get(owner(), job_id)
    pace(not job.status.ended)
    return (no_update,) * len(LIVE) if mark(job) == seen else _live(job, scale)


@callback(
    *LIVE,
    Input("job-cancel", "n_clicks"),
    State("job-id", "data"),
    State("job-scale", "value"),
    prevent_initial_call=True,
)
def cancel(_: int, job_id: str, scale: str) -> tuple[object, ...]:
    """Cancel the job."""
    pace(True)
    return _live(services().jobs.cancel(owner(), job_id), scale)


@callback(
    Output("job-losses", "figure"), Input("job-scale", "value"), State("job-id", "data"), prevent_initial_call=True
)
def rescale(scale: str, job_id: str) -> dict[str, object]:
    """Show the losses on another scale."""
    return curves.losses(services().jobs.get(owner(), job_id), services().jobs.history(owner(), job_id), scale)


def _live(job: Job, scale: str) -> tuple[object, ...]:
    rows = services().jobs.history(owner(), job.id)
    return (
        standing(job),
        facts(job),
        troubles(job),
        curves.best_sentence(job, rows),
        curves.are_empty(rows),
        curves.losses(job, rows, scale),
        curves.gradients(job, rows),
        curves.rates(job, rows),
        metrics(services(), job),
        moves(services(), job),
        _outcome(job),
        job.status.ended,
        not job.status.ended,
        mark(job),
    )


removable("job", lambda identifier: services().jobs.remove(owner(), identifier), "/")
