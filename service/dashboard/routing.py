"""From an address to its page: what is shown, how it is called, and what is said where there is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import parse_qsl

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, callback, clientside_callback
from dash.development.base_component import Component
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from service.dashboard.failures import sentence
from service.dashboard.table import PAGES, Page
from service.dashboard.words import heading
from service.identifiers import Identifier

NOTHING = "There is nothing at this address; the navigation lists what there is."


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and what its path names."""

    page: Page
    variables: Mapping[str, str]


_addresses = Map(
    [Rule(page.path, endpoint=number) for number, page in enumerate(PAGES)],
    converters={"id": Identifier},
    merge_slashes=False,
).bind("")


def page_at(path: str) -> Found | None:
    """The page at this path."""
    try:
        number, variables = _addresses.match(path)
    except NotFound:
        return None
    return Found(PAGES[number], variables)


def title_of(found: Found | None) -> str:
    """What the browser's tab says."""
    return f"{found.page.title} · Deltarule" if found else "Nothing here · Deltarule"


def shown(path: str, search: str) -> Component:
    """What the page at this address shows; an error is told in its place."""
    found = page_at(path)
    if found is None:
        return apology("Nothing here", NOTHING)
    try:
        page: Component = import_module(f"service.dashboard.pages.{found.page.module}").layout(
            dict(parse_qsl(search.removeprefix("?"))), **found.variables
        )
    except Exception as error:
        return apology(found.page.title, sentence(error))
    return page


def apology(title: str, words: str) -> Component:
    """A page that says why it is not there."""
    return dmc.Stack([heading(title), dmc.Alert(words, color="red", variant="outline")])


@callback(
    Output("content", "children"),
    Output("address-title", "data"),
    Input("address", "pathname"),
    Input("address", "search"),
)
def navigate(path: str | None, search: str | None) -> tuple[Component, str]:
    """Show what belongs to the address."""
    return shown(path or "/", search or ""), title_of(page_at(path or "/"))


clientside_callback(
    ClientsideFunction("deltarule", "entitle"), Input("address-title", "data"), prevent_initial_call=True
)
