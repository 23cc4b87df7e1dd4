"""One table: what its columns hold, how they are spread, its first rows."""

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import Input, Output, State, callback, dcc, html
from dash.development.base_component import Component

from deltarule.store.records import Dataset
from deltarule.training.tables import Schema
from service.authentication import owner
from service.dashboard import columns
from service.dashboard.amounts import count, number, size
from service.dashboard.parts import facts, file_link, table
from service.dashboard.removing import removable, removal
from service.dashboard.words import button, heading, moment, name_of, section
from service.distributing import distributions_of
from service.schemas.datasets import PREVIEW_ROWS, schema_of
from service.services import services
from service.tables import first_rows

MOST_COLUMNS = 50
"""Columns of which the first rows are shown."""
CONSEQUENCE = "The table and its bytes are removed for good. Models that were trained on it stay."

Cell = float | str | None


def layout(_: Mapping[str, str], dataset_id: str) -> Component:
    """The table; its distributions are counted once it is shown."""
    dataset = services().datasets.get(owner(), dataset_id)
    schema = schema_of(dataset)
    name = name_of(dataset.name, dataset.id)
    train = button("Train on it", f"/new?dataset={dataset.id}")
    take = file_link("Download", f"/datasets/{dataset.id}/content")
    remove = removal("dataset", dataset.id, what="dataset", consequence=CONSEQUENCE)
    actions = dmc.Group([*([train] if train else []), take, *remove], gap="xs")
    return dmc.Stack(
        [
            heading(name, actions),
            section("The table", _facts(dataset)),
            _columns(dataset, schema),
            _rows(dataset, schema),
        ]
    )


def preview(schema: Schema, rows: list[dict[str, Cell]]) -> Component:
    """The first rows, of the first columns."""
    names = schema.names[:MOST_COLUMNS]
    cells = ([str(place), *(_cell(row[name]) for name in names)] for place, row in enumerate(rows, 1))
    return table(["Row", *names], cells, label="First rows")


def _facts(dataset: Dataset) -> Component:
    return facts(
        {
            "Rows": count(dataset.rows),
            "Columns": count(len(dataset.columns)),
            "Format": dataset.format,
            "Size": size(dataset.bytes),
            "Uploaded": moment(dataset.created_at),
            "SHA-256": html.Code(dataset.sha256[:16] + "…", title=dataset.sha256),
        }
    )


def _columns(dataset: Dataset, schema: Schema) -> Component:
    every = columns.found(schema, "")
    several = len(every) > columns.A_PAGE
    search = dmc.TextInput(
        id="dataset-search", label="Find a column", debounce=300, value="", display=_display(several)
    )
    turn = dmc.Select(
        id="dataset-page",
        label="Page of columns",
        data=_numbers(columns.pages(every)),
        value="1",
        allowDeselect=False,
        display=_display(several),
    )
    waiting = columns.cards(schema, every[: columns.A_PAGE], None)
    return section(
        "Columns",
        dcc.Store("dataset-shown", data=dataset.id),
        dmc.Stack(
            [search, html.Div(waiting, id="dataset-columns"), turn, html.P(id="dataset-sample", className="soft")]
        ),
    )


def _rows(dataset: Dataset, schema: Schema) -> Component:
    rows = first_rows(dataset, services().blobs, PREVIEW_ROWS)
    told = f"Of {count(len(schema.columns))} columns the first {MOST_COLUMNS} are shown."
    wide = len(schema.columns) > MOST_COLUMNS
    return section("First rows", preview(schema, rows), html.P(told, className="soft") if wide else None)


def _cell(value: Cell) -> Component | str:
    if value is None:
        return html.Span("missing", className="soft")
    return value if isinstance(value, str) else number(value)


def _numbers(pages: int) -> list[str]:
    return [str(page) for page in range(1, pages + 1)]


def _display(shown: bool) -> str | None:
    return None if shown else "none"


@callback(
    Output("dataset-columns", "children"),
    Output("dataset-page", "data"),
    Output("dataset-sample", "children"),
    Input("dataset-page", "value"),
    Input("dataset-search", "value"),
    State("dataset-shown", "data"),
)
def fill(page: str, wanted: str, dataset_id: str) -> tuple[Component, list[str], str]:
    """The cards of one page of the columns that are looked for, with their distributions."""
    dataset = services().datasets.get(owner(), dataset_id)
    schema, spreads = schema_of(dataset), distributions_of(dataset, services().blobs)
    places = columns.found(schema, wanted or "")
    pages = columns.pages(places)
    start = (min(int(page), pages) - 1) * columns.A_PAGE
    partly = spreads.rows < schema.rows
    told = f"Drawn from the first {count(spreads.rows)} of {count(schema.rows)} rows." if partly else ""
    return columns.cards(schema, places[start : start + columns.A_PAGE], spreads), _numbers(pages), told


removable("dataset", lambda identifier: services().datasets.remove(owner(), identifier), "/datasets")
