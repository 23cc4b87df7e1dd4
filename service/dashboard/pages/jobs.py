"""The jobs of whoever asks, newest first: how each stands, how far it is, and its loss as a small curve."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update
from dash.development.base_component import Component

from deltarule.store.errors import Conflict, NotFound
from deltarule.store.states import Status
from service.authentication import owner
from service.dashboard.beginning import beginning
from service.dashboard.failures import notice
from service.dashboard.grids import grid
from service.dashboard.job_rows import ANY, COLUMNS, mark, rows_of
from service.dashboard.polling import polled
from service.dashboard.removing import asks, question
from service.dashboard.words import button, heading
from service.services import services

PART = 100
"""Jobs that are shown at first, and more each time that more are asked for."""


def layout(_: Mapping[str, str]) -> Component:
    """The list, with what can be done to those that are chosen in it."""
    rows, more = rows_of(ANY, PART)
    return dmc.Stack(
        [
            heading("Jobs", button("New job", "/new")),
            dcc.Store("jobs-shown", data=PART),
            dcc.Store("jobs-seen", data=mark(rows)),
            _tools(),
            html.Div(
                grid(
                    "jobs-grid",
                    COLUMNS,
                    rows,
                    label="Jobs",
                    rowSelection={"mode": "multiRow", "enableClickSelection": False},
                    pagination=True,
                ),
                id="jobs-list",
                hidden=not rows,
            ),
            html.Div(beginning(), id="jobs-none", hidden=bool(rows)),
            html.Div(
                dmc.Button("Show older jobs", id="jobs-more", variant="default", size="xs"),
                id="jobs-older",
                hidden=not more,
            ),
            question(
                "jobs",
                title="Delete these jobs?",
                words=dmc.Text(id="jobs-question"),
                keep="Keep them",
                delete="Delete them",
            ),
        ]
    )


def _tools() -> Component:
    return dmc.Group(
        [
            dmc.TextInput(id="jobs-name", label="Name", placeholder="part of a name", size="sm", w=180),
            dmc.Select(
                id="jobs-status", label="Status", data=[ANY, *Status], value=ANY, allowDeselect=False, size="sm", w=150
            ),
            dmc.Group(
                [
                    dmc.Button("Compare", id="jobs-compare", variant="default", disabled=True),
                    dmc.Button("Cancel", id="jobs-cancel", variant="default", disabled=True),
                    dmc.Button("Delete", id="jobs-remove", variant="default", disabled=True),
                ],
                gap="xs",
                **{"aria-label": "With the chosen jobs"},
            ),
        ],
        align="end",
        gap="sm",
    )


def _shown(status: str, count: int, seen: str | None = None) -> tuple[object, ...]:
    """What the list shows; nothing, where the page has seen these rows already."""
    rows, more = rows_of(status, count)
    if mark(rows) == seen:
        return (no_update,) * 5
    return rows, mark(rows), not rows, bool(rows) or status != ANY, not more


SHOWN = (
    Output("jobs-grid", "rowData", allow_duplicate=True),
    Output("jobs-seen", "data", allow_duplicate=True),
    Output("jobs-list", "hidden", allow_duplicate=True),
    Output("jobs-none", "hidden", allow_duplicate=True),
    Output("jobs-older", "hidden", allow_duplicate=True),
)


@polled(SHOWN, State("jobs-status", "value"), State("jobs-shown", "data"), State("jobs-seen", "data"))
def refresh(status: str, count: int, seen: str) -> tuple[object, ...]:
    """Show what has changed."""
    return _shown(status, count, seen)


@callback(
    *SHOWN,
    Output("jobs-shown", "data"),
    Input("jobs-status", "value"),
    Input("jobs-more", "n_clicks"),
    State("jobs-shown", "data"),
    prevent_initial_call=True,
)
def choose(status: str, clicks: int | None, count: int) -> tuple[object, ...]:
    """Show jobs of another status, or more of them."""
    wanted = PART * (1 + (clicks or 0))
    return *_shown(status, wanted), wanted


@callback(
    *SHOWN,
    Output("notice", "children", allow_duplicate=True),
    Input("jobs-cancel", "n_clicks"),
    State("jobs-grid", "selectedRows"),
    State("jobs-status", "value"),
    State("jobs-shown", "data"),
    prevent_initial_call=True,
)
def cancel(_: int, chosen: Sequence[Mapping[str, Any]], status: str, count: int) -> tuple[object, ...]:
    """Cancel the chosen jobs; of those that have ended already it is said."""
    refused = _each(chosen, services().jobs.cancel)
    return *_shown(status, count), refused


@callback(
    *SHOWN,
    Output("jobs-removal", "opened", allow_duplicate=True),
    Output("jobs-grid", "selectedRows"),
    Output("notice", "children", allow_duplicate=True),
    Input("jobs-remove-now", "n_clicks"),
    State("jobs-grid", "selectedRows"),
    State("jobs-status", "value"),
    State("jobs-shown", "data"),
    prevent_initial_call=True,
)
def delete(_: int, chosen: Sequence[Mapping[str, Any]], status: str, count: int) -> tuple[object, ...]:
    """Delete the chosen jobs with their histories; their models stay."""
    refused = _each(chosen, services().jobs.remove)
    return *_shown(status, count), False, [], refused


def _each(chosen: Sequence[Mapping[str, Any]], act: Any) -> Component | None:  # noqa: ANN401 -- a method of the store
    """Do this to each, and say of those that refuse why they do."""
    refusals = []
    for row in chosen or ():
        try:
            act(owner(), str(row["id"]))
        except (Conflict, NotFound) as error:
            refusals.append(f"{row.get('name')}: {error}")
    return notice(" ".join(refusals)) if refusals else None


clientside_callback(
    ClientsideFunction("jobs", "filter"),
    Output("jobs-grid", "dashGridOptions"),
    Input("jobs-name", "value"),
    State("jobs-grid", "dashGridOptions"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("jobs", "chosen"),
    Output("jobs-compare", "disabled"),
    Output("jobs-cancel", "disabled"),
    Output("jobs-remove", "disabled"),
    Output("jobs-question", "children"),
    Input("jobs-grid", "selectedRows"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("jobs", "compare"),
    Output("address", "href"),
    Input("jobs-compare", "n_clicks"),
    State("jobs-grid", "selectedRows"),
    prevent_initial_call=True,
)
asks("jobs")
