"""How much of the deltas is left from layer to layer: where gradients vanish, and where they do not."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from service.dashboard.words import figure

Document = Mapping[str, Any]
SHORTEST, WHOLE = 3, 100
"""Percents of a bar: one of the smallest norm is still to be seen."""


def norms(titled: Sequence[tuple[str, Document]]) -> Component:
    """The norms of some networks beside each other, their bars on one logarithmic scale."""
    every = [norm for _, answer in titled for layer in answer["backward"] if (norm := layer["delta_norm"]) > 0]
    ends = (math.log10(min(every)), math.log10(max(every))) if every else (0.0, 0.0)
    return dmc.SimpleGrid(
        [_table(title, answer, ends) for title, answer in titled], cols={"base": 1, "md": len(titled)}, spacing="xl"
    )


def _table(title: str, answer: Document, ends: tuple[float, float]) -> Component:
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("layer", "‖δ‖", "log scale", "gradient norm")]))
    rows = [
        html.Tr(
            [
                html.Th(f"{number} {answer['layers'][number - 1]['activation']}", scope="row"),
                html.Td(figure(layer["delta_norm"]), className="number"),
                html.Td(html.Div(className="bar", style={"width": f"{_percent(layer['delta_norm'], ends)}%"})),
                html.Td(figure(layer["gradient_norm"]), className="number"),
            ]
        )
        for number, layer in enumerate(answer["backward"], 1)
    ]
    table = html.Table([html.Caption(f"{title}: {_told(answer)}"), head, html.Tbody(rows)], className="norms")
    return html.Div(table, className="wide", tabIndex=0, role="region", **{"aria-label": f"Norms: {title}"})


def _told(answer: Document) -> str:
    """The first layer beside the last, in words."""
    first, last = (answer["backward"][place]["delta_norm"] for place in (0, -1))
    if len(answer["backward"]) == 1 or last == 0:
        return "one layer" if last else "no deltas"
    return f"the δ of the first layer is {figure(first / last)} times that of the last"


def _percent(norm: float, ends: tuple[float, float]) -> int:
    """The length of a bar, by the logarithm of its norm."""
    if norm <= 0:
        return 0
    low, high = ends
    return WHOLE if high == low else round(SHORTEST + (WHOLE - SHORTEST) * (math.log10(norm) - low) / (high - low))
