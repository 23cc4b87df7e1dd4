"""From an address to its page: what is shown, how it is called, and what is said where there is nothing."""

from importlib import import_module
from urllib.parse import parse_qsl

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, callback, clientside_callback
from dash.development.base_component import Component

from service.dashboard.failures import sentence
from service.dashboard.table import page_at, title_of
from service.dashboard.words import heading

NOTHING = "There is nothing at this address; the navigation lists what there is."


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
    prevent_initial_call=True,
)
def navigate(path: str | None, search: str | None) -> tuple[Component, str]:
    """Show what belongs to the address that was gone to; the first one's page has come with the document."""
    return shown(path or "/", search or ""), title_of(page_at(path or "/"))


clientside_callback(
    ClientsideFunction("deltarule", "entitle"), Input("address-title", "data"), prevent_initial_call=True
)
