"""What every page has around it: the navigation, the switch between light and dark, who is signed in."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html
from dash.development.base_component import Component
from flask import request

from service.authentication import owner
from service.dashboard.access import session_of
from service.dashboard.polling import timer
from service.dashboard.routing import shown
from service.dashboard.table import PAGES
from service.services import services

THEME: dict[str, Any] = {
    "primaryColor": "blue",
    "primaryShade": {"light": 9, "dark": 4},
    "autoContrast": True,
    "respectReducedMotion": True,
    "cursorType": "pointer",
    "fontFamily": "system-ui, sans-serif",
    "headings": {"fontFamily": "system-ui, sans-serif"},
    "defaultRadius": "md",
}
NAVBAR = {"width": 200, "breakpoint": "sm", "collapsed": {"mobile": True}}


def layout() -> Component:
    """The shell of whoever asks, with the page at the request's address, which so needs no second request."""
    search = f"?{request.query_string.decode()}" if request.query_string else ""
    content = shown(request.path, search)
    return dmc.MantineProvider(
        [
            # As the browser's own address has it: one that differs would be gone to.
            dcc.Location("address", pathname=request.path, search=search, refresh="callback-nav"),
            dcc.Store("address-title"),
            timer(),
            html.A("Skip to the content", href="#content", className="skip"),
            dmc.AppShell(
                [dmc.AppShellHeader(_header()), dmc.AppShellNavbar(_navigation(), p="xs"), _main(content)],
                id="shell",
                header={"height": 56},
                navbar=NAVBAR,
                padding="md",
            ),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )


def _header() -> Component:
    brand = html.A(
        [html.Img(src="/static/icon.svg", alt="", width=28, height=28), "Deltarule"], href="/", className="brand"
    )
    burger = dmc.Burger(id="shell-burger", opened=False, hiddenFrom="sm", size="sm", **{"aria-label": "Navigation"})
    switch = dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="icon icon-sun"),
        darkIcon=html.Span(className="icon icon-moon"),
        variant="default",
        size="lg",
        **{"aria-label": "Switch between light and dark"},
    )
    return dmc.Group([burger, brand, dmc.Group([*_person(), switch], ml="auto", gap="sm")], h="100%", px="md")


def _person() -> list[Component]:
    signed_in = session_of(request, services()) if owner() is not None else None
    if signed_in is None:
        return []
    button = html.Button("Sign out", type="submit", className="action")
    form = html.Form(button, action="/sign-out", method="post", className="sign-out")
    return [dmc.Text(signed_in.key.name, size="sm", truncate=True, maw=140, visibleFrom="xs"), form]


def _navigation() -> Component:
    entries = [
        dmc.NavLink(label=page.entry, href=page.path, active="exact" if page.path == "/" else "partial", refresh=False)
        for page in PAGES
        if page.entry
    ]
    reference = dmc.NavLink(label="API docs", href="/docs", refresh=True)
    return html.Nav([*entries, reference], **{"aria-label": "Pages"})


def _main(content: Component) -> Component:
    return dmc.AppShellMain([html.Div(id="notice", role="alert"), html.Div(content, id="content", tabIndex=-1)])


clientside_callback(
    ClientsideFunction("deltarule", "navbar"),
    Output("shell", "navbar"),
    Input("shell-burger", "opened"),
    State("shell", "navbar"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("deltarule", "arrived"),
    Output("shell-burger", "opened"),
    Output("notice", "children"),
    Input("address", "pathname"),
    prevent_initial_call=True,
)
