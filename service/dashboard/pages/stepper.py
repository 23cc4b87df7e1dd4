"""One row through a network, forward and back, one number after the other."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, html, no_update
from dash.development.base_component import Component

from service.authentication import owner
from service.dashboard.stepper.asking import FARTHEST_ROW, Document, of_model, presets, written
from service.dashboard.stepper.result import result
from service.dashboard.words import heading, link, name_of, section
from service.explaining import ExplanationRequest, explained
from service.parsing import parse_json
from service.services import services

FIRST = "three-layers"


def layout(query: Mapping[str, str]) -> Component:
    """The stepper, at a preset or at a row of a model, as the address says."""
    preset = presets().get(query.get("preset", FIRST), presets()[FIRST])
    model_id, row = query.get("model"), _row(query.get("row"))
    document = of_model(services(), owner(), model_id, row) if model_id else preset.document
    beside = None if model_id or preset.beside is None else preset.beside
    text = written(document)
    shown = _shown(text, "This network" if beside is None else "Ten sigmoid layers", beside)
    return dmc.Stack(
        [
            heading("Backpropagation, step by step"),
            _choices(model_id, row),
            html.Div(shown, id="stepper-result"),
            _editor(text),
        ]
    )


def _choices(model_id: str | None, row: int) -> Component:
    models = [
        {"value": model.id, "label": name_of(model.name, model.id)} for model in services().models.page(owner()).items
    ]
    picker = dmc.Select(
        id="stepper-model",
        label="A trained model",
        placeholder="Choose one" if models else "There is none yet",
        data=models,
        value=model_id,
        searchable=True,
        disabled=not models,
        w={"base": "100%", "xs": 260},
    )
    number = dmc.NumberInput(
        id="stepper-row", label="Row of its data", value=row, min=1, max=FARTHEST_ROW, w=130, debounce=True
    )
    links = [link(preset.title, f"/stepper?preset={name}") for name, preset in presets().items()]
    return section(
        "What to look at",
        dmc.Group([picker, number], align="end", gap="md"),
        dmc.Group([html.Span("Or a small network:"), *links], gap="md", mt="sm"),
    )


def _editor(text: str) -> Component:
    """The document that is explained, to be changed by hand."""
    area = dmc.Textarea(
        id="stepper-document",
        label="What is explained, as POST /v1/explanations takes it",
        description="Layers, activations, weights (left out, they are drawn by `seed`), loss, optimizer and its "
        "learning rate, inputs and targets; or a model and a row.",
        value=text,
        autosize=True,
        minRows=6,
        maxRows=24,
        spellCheck="false",
        className="stepper-document",
    )
    return section("Change it", area, dmc.Button("Show its steps", id="stepper-show", mt="sm"))


def _shown(text: str, title: str = "This network", beside: tuple[str, Document] | None = None) -> Component:
    compared = None if beside is None else (beside[0], _explained(written(beside[1])))
    return result(_explained(text), title, compared)


def _explained(text: str) -> dict[str, Any]:
    asked = parse_json(ExplanationRequest, text.encode())
    return explained(services(), owner(), asked).model_dump(mode="json")


def _row(given: str | None) -> int:
    return int(given) if given and given.isdecimal() and int(given) else 1


@callback(
    Output("stepper-document", "value"),
    Output("stepper-result", "children"),
    Input("stepper-model", "value"),
    Input("stepper-row", "value"),
    prevent_initial_call=True,
)
def pick(model_id: str | None, row: int | None) -> Any:  # noqa: ANN401 -- or no update
    """Show a row of a model."""
    if not model_id or not row:
        return no_update, no_update
    text = written(of_model(services(), owner(), model_id, int(row)))
    return text, _shown(text)


@callback(
    Output("stepper-result", "children", allow_duplicate=True),
    Input("stepper-show", "n_clicks"),
    State("stepper-document", "value"),
    prevent_initial_call=True,
)
def show(_: int, text: str) -> Component:
    """Show what was typed in."""
    return _shown(text)


clientside_callback(
    ClientsideFunction("stepper", "show"),
    Output("stepper-drawing", "shapes"),
    Output("stepper-board", "told"),
    Output("stepper-position", "children"),
    Output("stepper-previous", "disabled"),
    Output("stepper-next", "disabled"),
    Input("stepper-number", "value"),
    Input("stepper-steps", "data"),
)
clientside_callback(
    ClientsideFunction("stepper", "move"),
    Output("stepper-number", "value"),
    Input("stepper-previous", "n_clicks"),
    Input("stepper-next", "n_clicks"),
    Input("stepper-clock", "n_intervals"),
    State("stepper-number", "value"),
    State("stepper-number", "max"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("stepper", "play"),
    Output("stepper-clock", "disabled"),
    Output("stepper-play", "children"),
    Input("stepper-play", "n_clicks"),
    Input("stepper-number", "value"),
    State("stepper-clock", "disabled"),
    State("stepper-number", "max"),
    prevent_initial_call=True,
)
