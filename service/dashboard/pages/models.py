"""The models of whoever asks, newest first."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from deltarule.store.records import Model
from service.authentication import owner
from service.dashboard.grids import grid
from service.dashboard.measures import name_of_measure
from service.dashboard.parts import listed, more_of
from service.dashboard.words import figure, heading, name_of, section
from service.services import services

AT_ONCE = 200
MEASURES = ("accuracy", "r2")
"""By which models are compared at first sight, whichever of them they have."""
COUNTED = {"function": "d3.format(',')(params.value)"}
COLUMNS: tuple[dict[str, Any], ...] = (
    {"field": "name", "headerName": "Name", "cellRenderer": "Link", "flex": 2, "minWidth": 150},
    {"field": "target", "headerName": "Predicts", "flex": 2, "minWidth": 120},
    {"field": "task", "headerName": "Task", "flex": 1, "minWidth": 130},
    {"field": "quality", "headerName": "Quality", "flex": 2, "minWidth": 160},
    {
        "field": "parameters",
        "headerName": "Parameters",
        "type": "rightAligned",
        "valueFormatter": COUNTED,
        "flex": 1,
        "minWidth": 125,
    },
    {"field": "created_at", "headerName": "Trained", "cellRenderer": "Moment", "flex": 2, "minWidth": 195},
)
NONE = "There is no model yet; a job that succeeds leaves one."


def layout(query: Mapping[str, str]) -> Component:
    """The list."""
    page = services().models.page(owner(), AT_ONCE, query.get("cursor"))
    rows = [row(model) for model in page.items]
    shown = grid("models-grid", COLUMNS, rows, label="Models") if rows else dmc.Text(NONE)
    return dmc.Stack([heading("Models"), section("Trained models", shown, more_of("/models", page.next))])


def row(model: Model) -> dict[str, Any]:
    """A model as a row of the grid."""
    return {
        "id": model.id,
        "name": name_of(model.name, model.id),
        "href": f"/models/{model.id}",
        "target": listed(model.description["target"], most=3),
        "task": model.task,
        "quality": quality(model.metrics),
        "parameters": model.parameters,
        "created_at": model.created_at.isoformat(),
    }


def quality(metrics: Mapping[str, Any]) -> str:
    """The one figure to look at first: of the validation rows where there are some."""
    measured = metrics.get("validation") or metrics.get("training") or {}
    measure = next((each for each in MEASURES if each in measured), None)
    return f"{name_of_measure(measure)} {figure(measured[measure])}" if measure else "–"
