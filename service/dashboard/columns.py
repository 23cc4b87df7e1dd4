"""Cards of a dataset's columns: what each holds, how it is spread, what is missing."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.training.distributions import Distributions
from deltarule.training.tables import CategoricalColumn, NumericColumn, Schema
from deltarule.training.tables.schema import DISTINCT_LIMIT
from service.dashboard.amounts import count, number, share
from service.dashboard.parts import Content, facts
from service.dashboard.spreads import spread

Known = NumericColumn | CategoricalColumn
A_PAGE = 24
"""Columns that are shown together."""


def found(schema: Schema, wanted: str) -> list[int]:
    """The places of the columns whose name has this in it, in any letters."""
    sought = wanted.strip().lower()
    return [place for place, name in enumerate(schema.names) if sought in name.lower()]


def pages(places: Sequence[int]) -> int:
    """How many pages these columns fill."""
    return max(1, -(-len(places) // A_PAGE))


def cards(schema: Schema, places: Sequence[int], spreads: Distributions | None) -> Component:
    """A card for each of the columns; without distributions as long as they are still being counted."""
    if not places:
        return html.P("No column has a name like that.", className="soft")
    return html.Div([card(schema, place, spreads) for place in places], className="cards")


def card(schema: Schema, place: int, spreads: Distributions | None) -> Component:
    """One column."""
    column = schema.columns[place]
    picture = spreads and spread(column.name, spreads.columns[place], spreads.rows)
    kind = dmc.Text(_kind(column), size="sm", c="dimmed", span=True)
    title = dmc.Group([dmc.Title(column.name, order=3, size="h5", className="card-name"), kind], gap="xs")
    return html.Article(
        [title, html.Div(picture, className="spread"), facts(_told(column, schema.rows))], className="card"
    )


def _kind(column: Known) -> str:
    if column.type == "categorical":
        return "texts"
    return "whole numbers" if column.whole_numbers else "numbers"


def _told(column: Known, rows: int) -> dict[str, Content]:
    missing = f"{count(column.missing)} ({share(column.missing, rows)})" if column.missing else "none"
    more = " or more" if column.distinct >= DISTINCT_LIMIT else ""
    told: dict[str, Content] = {"Missing": missing, "Different": f"{count(column.distinct)}{more}"}
    if column.type == "numeric" and column.minimum is not None:
        told["Range"] = f"{number(column.minimum)} to {number(column.maximum)}"
        told["Mean"] = f"{number(column.mean)} ± {number(column.standard_deviation)}"
    return told
