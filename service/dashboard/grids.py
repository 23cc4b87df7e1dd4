"""Tables that can be sorted, filtered and walked through by keyboard: AG Grid, in the colours of the theme."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

THEME = (
    "themeQuartz.withParams({accentColor: 'var(--busy)', backgroundColor: 'var(--mantine-color-body)', "
    "foregroundColor: 'var(--mantine-color-text)', borderColor: 'var(--line)', chromeBackgroundColor: "
    "'var(--mantine-color-default-hover)', headerTextColor: 'var(--mantine-color-text)', fontFamily: 'inherit', "
    "browserColorScheme: 'inherit'})"
)
ROWS_SHOWN = 20

Row = Mapping[str, Any]


def grid(
    identifier: str,
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Row],
    *,
    label: str,
    **options: Any,  # noqa: ANN401 -- as AG Grid takes them
) -> Component:
    """A grid of these rows, each with an `id`; `options` are AG Grid's own."""
    shown = dag.AgGrid(
        id=identifier,
        columnDefs=list(columns),
        rowData=list(rows),
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True, "minWidth": 90, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "theme": {"function": THEME},
            "domLayout": "autoHeight",
            "pagination": len(rows) > ROWS_SHOWN,
            "paginationPageSize": ROWS_SHOWN,
            "paginationPageSizeSelector": False,
            "animateRows": False,
            "suppressCellFocus": False,
            **options,
        },
        style={"height": None, "width": "100%"},
    )
    return html.Div(shown, role="region", **{"aria-label": label})
