"""Figures as plain dictionaries of Plotly, so that nothing of Plotly's own Python has to be loaded for them.

Text, grid and background take the theme's colours from `dashboard.css`; what is drawn uses those below, which stand out
against light and dark alike, and from each other for those who see no colours.
(M. Okabe, K. Ito, Color Universal Design, 2008)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc

COLOURS = ("#2b86c5", "#d2691e", "#12936a", "#a85fc4", "#8a7a00", "#d1495b", "#5f7a8c", "#3f8f8f")
TRAINING, VALIDATION, BEST = COLOURS[0], COLOURS[1], COLOURS[2]
SCALE = "Viridis"
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],
    "plotlyServerURL": "",
    "showLink": False,
    "scrollZoom": False,
}
HEIGHT = 320

Trace = Mapping[str, Any]


def figure(traces: Sequence[Trace], *, x: str, y: str, name: str, **layout: Any) -> dict[str, Any]:  # noqa: ANN401
    """A figure with these labels at its axes; `name` keeps what its reader has zoomed to while its numbers change."""
    axis = {"automargin": True, "zeroline": False}
    around: dict[str, Any] = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "height": HEIGHT,
        "uirevision": name,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "#1f2430", "font": {"color": "#f2f4f8"}},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
        "xaxis": axis | {"title": {"text": x}},
        "yaxis": axis | {"title": {"text": y}},
    }
    for key, value in layout.items():
        around[key] = {**around[key], **value} if isinstance(around.get(key), dict) else value
    return {"data": list(traces), "layout": around}


def graph(identifier: str, shown: Mapping[str, Any], **more: Any) -> dcc.Graph:  # noqa: ANN401 -- as dcc.Graph takes
    """A figure on a page. What it shows stands in words or a table beside it, too, for those who do not see it."""
    # As much room as it takes is kept for it, so that nothing moves when it is drawn.
    return dcc.Graph(identifier, figure=shown, config=CONFIG, style={"height": shown["layout"]["height"]}, **more)
