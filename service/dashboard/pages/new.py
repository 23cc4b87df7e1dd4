"""A new job: what to learn from, what to predict and how, judged while it is being written."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request

from service.authentication import owner
from service.dashboard import drafting, drafts, fields, judging, layering
from service.dashboard.words import heading, section
from service.schemas.datasets import schema_of
from service.services import services

DATASET = {"field": "/dataset_id"}
VALIDATION = {"field": "/training/validation_dataset_id"}
METHODS = {
    "new-optimizer": ("/optimizer", "/optimizer/name"),
    "new-schedule": ("/schedule", "/schedule/name"),
    "new-stopping": (drafts.STOPPING, drafts.STOPPING),
}

Values = Sequence[Any]


def layout(query: Mapping[str, str]) -> Component:
    """The form, with the table or the model that the address names."""
    goes_on = drafting.continued(query.get("model"))
    dataset_id = query.get("dataset") or (goes_on.dataset_id if goes_on else None)
    form = html.Div(drafting.sections(dataset_id, goes_on), className="draft-form")
    stores = [dcc.Store("new-token", data=uuid4().hex), dcc.Store("new-chosen", data=[]), dcc.Store("new-started")]
    return dmc.Stack([heading("New job"), html.Div([form, _panel()], className="draft"), *stores])


def _panel() -> Component:
    start = dmc.Button("Start training", id="new-start", fullWidth=True, mt="md")
    copies = dmc.Group(
        [
            dmc.CopyButton("Copy", id="new-copy", value="", copiedChildren="Copied", size="xs"),
            dmc.CopyButton("Copy as curl", id="new-curl", value="", copiedChildren="Copied", size="xs"),
        ],
        gap="xs",
    )
    written = html.Pre(id="new-json", tabIndex=0, className="json", **{"aria-label": "The job as JSON"})
    judged = html.Div(id="new-judged", **{"aria-live": "polite"})
    panels = [section("What it comes to", judged, start), section("For the API", copies, written)]
    return html.Div(dmc.Stack(panels), className="draft-panel")


def _fields(of: Sequence[Any]) -> list[tuple[str, Any]]:
    """Pointers and values of what Dash hands over: fields first, then flags."""
    values, flags = of[0], of[1]
    found = [(each["id"]["field"], each.get("value")) for each in values]
    for each in flags:
        pointer, yes = each["id"]["flag"], bool(each.get("value"))
        found.append((pointer, (drafts.WHOLE if yes else None) if pointer == drafts.BATCH else yes))
    return found


@callback(
    Output({"field": ALL}, "error"),
    Output({"flag": ALL}, "error"),
    Output("new-judged", "children"),
    Output("new-json", "children"),
    Output("new-copy", "value"),
    Output("new-curl", "value"),
    Output("new-chosen", "data"),
    Input({"field": ALL}, "value"),
    Input({"flag": ALL}, "checked"),
)
def judge(_: Values, __: Values) -> tuple[Any, ...]:
    """Say what the job comes to, or what is wrong with it, each fault at its field."""
    document = drafts.composed(_fields(ctx.inputs_list))
    lacks = judging.lacking(document)
    found, faults = judging.judged(document) if lacks != judging.NO_DATA else (None, ())
    told = judging.worth_telling(faults, lacks)
    ids = [
        [each["id"][kind] for each in listed] for kind, listed in zip(("field", "flag"), ctx.outputs_list, strict=False)
    ]
    beside, others = drafts.placed(told, [*ids[0], *ids[1]])
    errors = [[beside.get(pointer) for pointer in pointers] for pointers in ids]
    written = drafts.written(document)
    curl = drafts.as_curl(document, request.host_url, keyed=owner() is not None)
    layers = found.spec["network"]["layers"] or [] if found else []
    return *errors, judging.verdict(found, len(told), others, lacks), written, written, curl, layers


@callback(
    Output("new-started", "data"),
    Input("new-start", "n_clicks"),
    State({"field": ALL}, "value"),
    State({"flag": ALL}, "checked"),
    State("new-token", "data"),
    running=[(Output("new-start", "loading"), True, False)],
    prevent_initial_call=True,
)
def start(_: int, __: Values, ___: Values, token: object) -> str:
    """Queue the job and go to its page; what is wrong with it is told at the top."""
    job_id = judging.queued(drafts.composed(_fields(ctx.states_list)), token)
    set_props("address", {"href": f"/jobs/{job_id}"})
    return job_id


@callback(
    Output("new-layers", "children"),
    Input({"layer": ALL, "at": ALL}, "n_clicks"),
    State({"field": ALL}, "value"),
    State({"flag": ALL}, "checked"),
    State("new-chosen", "data"),
    prevent_initial_call=True,
)
def edit_layers(clicks: Values, _: Values, __: Values, chosen: list[layering.Layer]) -> Component:
    """Add, remove or move a layer; buttons that have only just come were not pressed."""
    pressed = ctx.triggered_id
    if not pressed or not any(clicks):
        raise PreventUpdate
    layers = drafts.layers_of(_fields(ctx.states_list))
    return layering.editor(layering.changed(layers, pressed["layer"], pressed["at"], chosen))


@callback(Output("new-columns", "children"), Input(DATASET, "value"), prevent_initial_call=True)
def show_columns(dataset_id: str | None) -> Component | None:
    """The fields about columns, of the table that was chosen."""
    return drafting.columns(schema_of(services().datasets.get(owner(), dataset_id))) if dataset_id else None


@callback(
    Output(DATASET, "data"),
    Output(DATASET, "value"),
    Output(VALIDATION, "data"),
    Input("new-upload", "kept"),
    prevent_initial_call=True,
)
def take_upload(kept: str | None) -> tuple[Any, Any, Any]:
    """Choose the table that was uploaded."""
    if not kept:
        raise PreventUpdate
    tables = drafting.tables(kept)
    return tables, kept, tables


def _register(region: str, pointer: str, chooser: str) -> None:
    @callback(Output(region, "children"), Input({"field": chooser}, "value"), prevent_initial_call=True)
    def show(name: str | None) -> list[Component]:
        return fields.of_method(pointer, name)


for _region, (_pointer, _chooser) in METHODS.items():
    _register(_region, _pointer, _chooser)
