"""Something is deleted for good only after its owner has said so twice."""

from collections.abc import Callable

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, set_props
from dash.development.base_component import Component


def removal(page: str, identifier: str, *, what: str, consequence: str) -> list[Component]:
    """The button, and the question that it asks; `page` begins the ids."""
    keep = dmc.Button("Keep it", id=f"{page}-keep", variant="default", **{"data-autofocus": True})
    delete = dmc.Button(f"Delete the {what}", id=f"{page}-remove-now", color="red", variant="outline")
    question = dmc.Modal(
        [dmc.Text(consequence, mb="md"), dmc.Group([keep, delete], justify="flex-end")],
        id=f"{page}-removal",
        title=f"Delete this {what}?",
        closeButtonProps={"aria-label": "Close"},
        centered=True,
    )
    button = dmc.Button("Delete", id=f"{page}-remove", variant="default", size="xs")
    return [button, question, dcc.Store(f"{page}-removed", data=identifier)]


def removable(page: str, remove: Callable[[str], None], then: str) -> None:
    """Register the callbacks of that button: `remove` is called with the id, and the address becomes `then`."""
    clientside_callback(
        ClientsideFunction("deltarule", "asked"),
        Output(f"{page}-removal", "opened"),
        Input(f"{page}-remove", "n_clicks"),
        Input(f"{page}-keep", "n_clicks"),
        prevent_initial_call=True,
    )

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
