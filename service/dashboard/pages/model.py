"""One trained model: how good it is, what it says of a row, files to take home."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component

from deltarule.store.errors import NotFound
from deltarule.store.records import Model
from deltarule.training.errors import DataError
from deltarule.training.exports import FORMATS
from service.authentication import owner
from service.dashboard import asking, measures
from service.dashboard.amounts import count, size
from service.dashboard.parts import Content, facts, file_link, listed
from service.dashboard.removing import removable, removal
from service.dashboard.words import button, heading, link, moment, name_of, section
from service.errors import Invalid
from service.evaluating import evaluated
from service.services import services

CONSEQUENCE = "The model and its weights are removed for good. Its job and its dataset stay."
EXPORTS = {
    "onnx": "ONNX, preprocessing inside",
    "bundle": "Program in NumPy (zip)",
    "safetensors": "safetensors",
    "npz": "NumPy arrays (npz)",
    "json": "JSON",
}
AT_ONCE = 200


def layout(_: Mapping[str, str], model_id: str) -> Component:
    """The model."""
    model = services().models.get(owner(), model_id)
    metrics = model.metrics
    best = metrics.get("validation") or metrics.get("training") or {}
    return dmc.Stack(
        [
            heading(name_of(model.name, model.id), _actions(model)),
            section("The model", facts(_facts(model)), dcc.Store("model-shown", data=model.id)),
            section("Ask it", _form(model)),
            section("How good it is", measures.summary(metrics), *measures.details(best)),
            section("On another dataset", _evaluation()),
            section("Take it home", exports(model)),
        ]
    )


def exports(model: Model) -> Component:
    """A file in each format."""
    links = [
        file_link(EXPORTS[form], f"/models/{model.id}/export?format={form}")
        for form in sorted(FORMATS, key=list(EXPORTS).index)
    ]
    return dmc.Group(links, gap="xs")


def _actions(model: Model) -> Component:
    ways = [
        button("Step through it", f"/stepper?model={model.id}"),
        button("Continue training", f"/new?model={model.id}"),
        *removal("model", model.id, what="model", consequence=CONSEQUENCE),
    ]
    return dmc.Group([way for way in ways if way is not None], gap="xs")


def _facts(model: Model) -> dict[str, Content]:
    layers = model.description["network"]["layers"]
    told: dict[str, Content] = {
        "Task": model.task,
        "Predicts": listed(model.description["target"]),
        "Learned from": listed([column["name"] for column in model.description["inputs"]]),
        "Layers": " → ".join(f"{layer['units']} {layer['activation']}" for layer in layers),
        "Parameters": count(model.parameters),
        "Size": size(model.bytes),
        "Trained": moment(model.created_at),
        "Weights' SHA-256": html.Code(model.sha256[:16] + "…", title=model.sha256),
    }
    if model.job_id:
        told["Job"] = link(_job_name(model.job_id), f"/jobs/{model.job_id}")
    return told


def _job_name(job_id: str) -> str:
    try:
        return name_of(services().jobs.get(owner(), job_id).name, job_id)
    except NotFound:
        return "removed"


def _form(model: Model) -> Component:
    columns = services().trained.get(owner(), model.id).columns
    missing = model.description["preprocessing"]["missing"] != "error"
    more = len(columns) - asking.MOST_FIELDS
    told = f"{count(more)} more inputs are taken as missing here; the API takes them all."
    return dmc.Stack(
        [
            asking.fields(columns, missing=missing),
            html.P(told, className="soft") if more > 0 else None,
            dmc.Group([dmc.Button("Predict", id="model-ask")]),
            html.Div(id="model-answer", role="status"),
        ]
    )


def _evaluation() -> Component:
    page = services().datasets.page(owner(), AT_ONCE)
    data = [{"value": each.id, "label": name_of(each.name, each.id)} for each in page.items]
    choice = dmc.Select(id="model-dataset", label="Dataset", data=data, searchable=True, placeholder="Choose one")
    return dmc.Stack(
        [
            dmc.Group([choice, dmc.Button("Evaluate", id="model-evaluate", variant="default")], align="flex-end"),
            html.Div(id="model-evaluated", role="status"),
        ]
    )


@callback(
    Output("model-answer", "children"),
    Output({"ask": ALL}, "error"),
    Input("model-ask", "n_clicks"),
    State({"ask": ALL}, "value"),
    State("model-shown", "data"),
    prevent_initial_call=True,
)
def ask(_: int, values: Sequence[asking.Value], model_id: str) -> tuple[Component | None, list[str | None]]:
    """What the model says of the row, or what is wrong with it, at its fields."""
    names = [each["id"]["ask"] for each in ctx.states_list[0]]
    try:
        (prediction,) = services().trained.get(owner(), model_id).predict_rows([asking.row_of(names, values)])
    except DataError as error:
        beside, others = asking.beside_fields(names, error.faults)
        told = " ".join(others) or "Some values cannot be used; the fields say why."
        return dmc.Text(told, className="wrong"), beside
    return asking.answer(prediction), [None] * len(names)


@callback(
    Output("model-evaluated", "children"),
    Output("model-dataset", "error"),
    Input("model-evaluate", "n_clicks"),
    State("model-dataset", "value"),
    State("model-shown", "data"),
    running=[(Output("model-evaluate", "loading"), True, False)],
    prevent_initial_call=True,
)
def evaluate(_: int, dataset_id: str | None, model_id: str) -> tuple[Any, str | None]:
    """The metrics on the dataset, or what is wrong with it, at its field."""
    if not dataset_id:
        return None, "Choose a dataset first."
    try:
        metrics = evaluated(services(), owner(), model_id, dataset_id)
    except Invalid as error:
        return None, " ".join(fault.detail for fault in error.faults)
    return [measures.summary({"this dataset": metrics}), *measures.details(metrics)], None


removable("model", lambda identifier: services().trained.remove(owner(), identifier), "/models")
