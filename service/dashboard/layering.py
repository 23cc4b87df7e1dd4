"""The layers of a network as they are edited: one line each, moved, removed and added by buttons."""

from collections.abc import Sequence
from typing import Any, get_args

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.backprop.definition import ActivationName
from service.dashboard.fields import choice, flag, number

Layer = dict[str, Any]
AT = "/network/layers/"
NEW: Layer = {"units": 16, "activation": "relu"}
LEFT = "The service chooses the layers for this data; what it would take is said under “What it comes to”."
EDITED = ("units", "activation", "dropout", "bias")


def editor(layers: Sequence[Layer]) -> Component:
    """The lines, or the button to choose the layers oneself."""
    if not layers:
        own = _button("own", 0, "Choose the layers yourself")
        return dmc.Stack([dmc.Text(LEFT, size="sm"), dmc.Group([own])], gap="xs")
    hidden = [line(place, layer, len(layers)) for place, layer in enumerate(layers[:-1])]
    add = _button("add", len(layers), "Add a layer")
    leave = _button("leave", 0, "Leave the choice to the service")
    return dmc.Stack([*hidden, output(len(layers) - 1, layers[-1]), dmc.Group([add, leave])], gap="sm")


def line(place: int, layer: Layer, count: int) -> Component:
    """A hidden layer; `count` layers there are, with the output layer."""
    title = f"Layer {place + 1}"
    buttons = [
        _button("up", place, "↑", said=f"Move layer {place + 1} towards the input", disabled=place == 0),
        _button("down", place, "↓", said=f"Move layer {place + 1} towards the output", disabled=place == count - 2),
        _button("remove", place, "✕", said=f"Remove layer {place + 1}"),
    ]
    pointer = f"{AT}{place}"
    fields = [
        number(f"{pointer}/units", "Units", value=layer.get("units", ""), placeholder="how many", min=1),
        _activation(place, layer),
        number(f"{pointer}/dropout", "Dropout", value=layer.get("dropout", 0), placeholder="0", step=0.1, min=0),
        flag(f"{pointer}/bias", "Bias", checked=layer.get("bias", True)),
    ]
    legend = html.Legend(title, className="layer-name")
    return html.Fieldset(
        [legend, html.Div(fields, className="fields layer-fields"), dmc.Group(buttons, gap=4)], className="layer"
    )


def output(place: int, layer: Layer) -> Component:
    """The output layer, whose units follow from the target."""
    fields = [_activation(place, layer), flag(f"{AT}{place}/bias", "Bias", checked=layer.get("bias", True))]
    legend = html.Legend("Output layer; its units follow from the target", className="layer-name")
    return html.Fieldset([legend, html.Div(fields, className="fields layer-fields")], className="layer")


def changed(layers: Sequence[Layer], action: str, at: int, chosen: Sequence[Layer]) -> list[Layer]:
    """The layers after one of the buttons; `chosen` are those that the service would take."""
    after = [dict(layer) for layer in layers]
    if action == "leave":
        return []
    if action == "own":
        return [_editable(layer) for layer in chosen[:-1]] + [{}] if chosen else [dict(NEW), {}]
    if action == "add":
        after.insert(max(0, len(after) - 1), dict(NEW))
    elif action == "remove":
        del after[at]
    elif action in ("up", "down"):
        other = at - 1 if action == "up" else at + 1
        after[at], after[other] = after[other], after[at]
    return after


def described(layers: Sequence[Layer]) -> str:
    """Layers in a line."""
    return " → ".join(f"{layer['units']} {layer['activation']}" for layer in layers)


def _editable(layer: Layer) -> Layer:
    return {name: layer[name] for name in EDITED if name in layer}


def _activation(place: int, layer: Layer) -> Component:
    return choice(f"{AT}{place}/activation", "Activation", get_args(ActivationName), value=layer.get("activation"))


def _button(action: str, at: int, words: str, *, said: str = "", disabled: bool = False) -> Component:
    more = {"aria-label": said} if said else {}
    return dmc.Button(words, id={"layer": action, "at": at}, variant="default", size="xs", disabled=disabled, **more)
