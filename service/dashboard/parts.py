"""Pieces that several pages are built from: tables of text, facts, bars, files to take home."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from service.dashboard.amounts import count

Content: TypeAlias = Component | str


def table(head: Sequence[str], rows: Iterable[Sequence[Content]], *, label: str, className: str = "") -> Component:  # noqa: N803
    """A table whose first column names the rows; what is too wide for the page scrolls, by keyboard too."""
    heads = html.Thead(html.Tr([html.Th(name, scope="col") for name in head]))
    body = html.Tbody([html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows])
    shown = html.Table([heads, body], className=f"plain-table {className}", **{"aria-label": label})
    return html.Div(shown, className="wide", tabIndex=0, role="region", **{"aria-label": label})


def facts(told: Mapping[str, Content]) -> Component:
    """What is known of something, a word and a value each."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in told.items()],
        className="facts",
    )


def bars(items: Sequence[tuple[str, float, str]], *, label: str) -> Component:
    """A bar for each item: its name, its length from 0 to 1, and what is written at its end."""
    return html.Ul(
        [
            html.Li([_name(name), _bar(length), html.Span(words, className="bars-words")])
            for name, length, words in items
        ],
        className="bars",
        **{"aria-label": label},
    )


def file_link(text: str, href: str) -> Component:
    """A link to a file, which the browser saves."""
    return html.A(text, href=href, download="", className="action")


def more_of(path: str, cursor: str | None) -> Component | None:
    """The link to what is older than what is shown, if there is any."""
    return cursor and dmc.Anchor("Older ones", href=f"{path}?cursor={cursor}", refresh=False)


def listed(names: Sequence[str], most: int = 8) -> str:
    """Some of the names, and how many more there are."""
    more = f" and {count(len(names) - most)} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _name(name: str) -> Component:
    return html.Span(name, className="bars-name", title=name)


def _bar(length: float) -> Component:
    filled = html.Span(className="bar-done", style={"width": f"{100 * max(0.0, min(1.0, length)):.1f}%"})
    return html.Span(filled, className="bar", **{"aria-hidden": "true"})
