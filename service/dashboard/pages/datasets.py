"""The tables of whoever asks, newest first, and the place to add one."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, callback, set_props
from dash.development.base_component import Component

from deltarule.store.records import Dataset
from service.authentication import owner
from service.dashboard.amounts import size
from service.dashboard.grids import grid
from service.dashboard.parts import more_of
from service.dashboard.uploading import TableUpload
from service.dashboard.words import heading, name_of, section
from service.services import services

AT_ONCE = 200
COUNTED = {"function": "d3.format(',')(params.value)"}
COLUMNS: tuple[dict[str, Any], ...] = (
    {"field": "name", "headerName": "Name", "cellRenderer": "Link", "flex": 2, "minWidth": 150},
    {"field": "rows", "headerName": "Rows", "type": "rightAligned", "valueFormatter": COUNTED, "flex": 1},
    {"field": "columns", "headerName": "Columns", "type": "rightAligned", "valueFormatter": COUNTED, "flex": 1},
    {"field": "format", "headerName": "Format", "flex": 1},
    {"field": "bytes", "headerName": "Size", "valueFormatter": {"function": "params.data.size"}, "flex": 1},
    {"field": "created_at", "headerName": "Uploaded", "cellRenderer": "Moment", "flex": 2, "minWidth": 195},
)


def layout(query: Mapping[str, str]) -> Component:
    """The list."""
    page = services().datasets.page(owner(), AT_ONCE, query.get("cursor"))
    rows = [row(dataset) for dataset in page.items]
    shown = grid("datasets-grid", COLUMNS, rows, label="Datasets") if rows else dmc.Text("There is no table yet.")
    return dmc.Stack(
        [
            heading("Datasets"),
            section("Add a table", TableUpload("datasets-upload")),
            section("Tables", shown, more_of("/datasets", page.next)),
        ]
    )


def row(dataset: Dataset) -> dict[str, Any]:
    """A dataset as a row of the grid."""
    return {
        "id": dataset.id,
        "name": name_of(dataset.name, dataset.id),
        "href": f"/datasets/{dataset.id}",
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "format": dataset.format,
        "bytes": dataset.bytes,
        "size": size(dataset.bytes),
        "created_at": dataset.created_at.isoformat(),
    }


@callback(Input("datasets-upload", "kept"), prevent_initial_call=True)
def show(kept: str | None) -> None:
    """Go to the table that was uploaded."""
    if kept:
        set_props("address", {"href": f"/datasets/{kept}"})
