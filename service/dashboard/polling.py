"""News without a storm of requests: one timer for all pages, which one callback of a page listens to.

The timer stands still while its answer is awaited, and while the page is hidden (`shell.js`).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dash import Input, Output, State, callback, dcc, set_props
from dash.development.base_component import Component
from flask import g, request

from service.logs import CALLBACKS

TIMER = "poll"
BUSY_MILLISECONDS = 800
"""Between an answer and the next question, while something runs: with both, what is shown is less than a second old."""
IDLE_MILLISECONDS = 5000
Polled = TypeVar("Polled", bound=Callable[..., Any])


def timer() -> Component:
    """The timer, which the shell has, at the pace of the page that was made for this request."""
    return dcc.Interval(TIMER, interval=g.get("interval", IDLE_MILLISECONDS))


def polled(outputs: Sequence[Output], *states: State) -> Callable[[Polled], Polled]:
    """Run the function again and again, with the states, for as long as its outputs are on the page."""

    def register(function: Polled) -> Polled:
        def ask(_: int, *values: object) -> object:
            return function(*values)

        still = [(Output(TIMER, "disabled"), True, False)]
        callback(list(outputs), Input(TIMER, "n_intervals"), *states, running=still, prevent_initial_call=True)(ask)
        return function

    return register


def pace(busy: bool) -> None:
    """Ask often while something runs, seldom otherwise; for layouts and callbacks alike."""
    interval = BUSY_MILLISECONDS if busy else IDLE_MILLISECONDS
    # A page that comes with its document has the timer beside it.
    if request.endpoint == CALLBACKS:
        set_props(TIMER, {"interval": interval})
    else:
        g.interval = interval
