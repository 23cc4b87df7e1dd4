"""Something is deleted for good only after its owner has said so twice."""

from collections.abc import Callable

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, set_props
from dash.development.base_component import Component


def question(page: str, *, title: str, words: Component, keep: str, delete: str) -> Component:
    """The question before something is deleted; `page` begins the ids of it and of its buttons."""
    no = dmc.Button(keep, id=f"{page}-keep", variant="default", **{"data-autofocus": True})
    yes = dmc.Button(delete, id=f"{page}-remove-now", color="red", variant="outline")
    return dmc.Modal(
        [words, dmc.Group([no, yes], justify="flex-end", mt="md")],
        id=f"{page}-removal",
        title=title,
        closeButtonProps={"aria-label": "Close"},
        centered=True,
    )


def asks(page: str) -> None:
    """Let the button `PAGE-remove` open the question, and that which keeps things close it."""
    clientside_callback(
        ClientsideFunction("deltarule", "asked"),
        Output(f"{page}-removal", "opened"),
        Input(f"{page}-remove", "n_clicks"),
        Input(f"{page}-keep", "n_clicks"),
        prevent_initial_call=True,
    )


def removal(page: str, identifier: str, *, what: str, consequence: str) -> list[Component]:
    """The button, and the question that it asks; `page` begins the ids."""
    asked = question(
        page, title=f"Delete this {what}?", words=dmc.Text(consequence), keep="Keep it", delete=f"Delete the {what}"
    )
    button = dmc.Button("Delete", id=f"{page}-remove", variant="default", size="xs")
    return [button, asked, dcc.Store(f"{page}-removed", data=identifier)]


def removable(page: str, remove: Callable[[str], None], then: str) -> None:
    """Register the callbacks of that button: `remove` is called with the id, and the address becomes `then`."""
    asks(page)

    @callback(
        Output(f"{page}-removed", "data"),
        Input(f"{page}-remove-now", "n_clicks"),
        State(f"{page}-removed", "data"),
        running=[(Output(f"{page}-removal", "opened"), False, False)],
        prevent_initial_call=True,
    )
    def carry_out(_: int, identifier: str) -> str:
        remove(identifier)
        set_props("address", {"href": then})
        return identifier
