"""Tables that can be sorted, filtered and walked through by keyboard: AG Grid, in the colours of the theme."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag

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
    **options: Any,  # noqa: ANN401
) -> dag.AgGrid:
    """A grid of these rows, each with an `id`; `options` are AG Grid's own."""
    return dag.AgGrid(
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
            "paginationPageSizeSelector": [ROWS_SHOWN, 50, 100],
            "animateRows": False,
            "suppressCellFocus": False,
            "ariaLabel": label,
            **options,
        },
        style={"height": None, "width": "100%"},
    )
