"""The form of a new job, part by part."""

from dataclasses import dataclass
from typing import get_args

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.backprop.definition import Dtype, InitializerName, LossName, Regularization
from deltarule.store.errors import NotFound
from deltarule.store.records import Model
from deltarule.training.spec import Missing, TaskName
from deltarule.training.tables import Schema
from service.authentication import owner
from service.dashboard import class_weights, drafts, layering
from service.dashboard.fields import METHODS, choice, flag, group, number, of_record, one_of, some_of, text
from service.dashboard.parts import listed
from service.dashboard.uploading import TableUpload
from service.dashboard.words import name_of, section
from service.schemas.datasets import schema_of
from service.services import services

AT_ONCE = 200
STOPPING = [{"value": "on", "label": "on"}, {"value": "off", "label": "off"}]


@dataclass(frozen=True, slots=True)
class Continued:
    """The model to go on from, and the table that it was trained on, where that is still there."""

    model: Model
    dataset_id: str | None


def continued(model_id: str | None) -> Continued | None:
    """What the address says to go on from; raises NotFound."""
    if not model_id:
        return None
    model = services().models.get(owner(), model_id)
    return Continued(model, _dataset_of(model))


def tables(chosen: str | None = None) -> list[dict[str, str]]:
    """The newest tables, and the one that is chosen, as choices."""
    found = list(services().datasets.page(owner(), AT_ONCE).items)
    if chosen and chosen not in {dataset.id for dataset in found}:
        found.append(services().datasets.get(owner(), chosen))
    return [{"value": dataset.id, "label": name_of(dataset.name, dataset.id)} for dataset in found]


def sections(dataset_id: str | None, goes_on: Continued | None) -> list[Component]:
    """The whole form."""
    return [
        section("Data", _data(dataset_id, goes_on)),
        section("Network", _network(goes_on)),
        section("Training", _training()),
        section("Optimizer", _method("new-optimizer", "/optimizer", "Optimizer")),
        section("Learning-rate schedule", _method("new-schedule", "/schedule", "Schedule", "constant")),
        section("Early stopping", _stopping()),
        section("Regularization", group(*of_record(Regularization, "/regularization"))),
        *([] if goes_on else [section("Preprocessing", _preprocessing())]),
    ]


def columns(schema: Schema) -> Component:
    """What to predict, and from what."""
    names = schema.names
    weights = [{"value": name, "label": name} for name in names]
    return group(
        some_of("/target", "Target", names, placeholder="what to predict", value=_target(schema)),
        some_of("/features", "Features", names, placeholder="all others"),
        choice("/task", "Task", get_args(TaskName), placeholder="as the target says"),
        one_of("/sample_weight", "Weights of the rows", weights, placeholder="all alike"),
    )


def _data(dataset_id: str | None, goes_on: Continued | None) -> Component:
    found = tables(dataset_id)
    table = one_of("/dataset_id", "Table", found, value=dataset_id, placeholder="choose one")
    schema = schema_of(services().datasets.get(owner(), dataset_id)) if dataset_id else None
    # Which columns a model learns from is settled, and so nothing asks for them.
    about = html.Div(columns(schema) if schema else None, id="new-columns") if goes_on is None else _kept(goes_on)
    return dmc.Stack([group(table, text("/name", "Name of the job")), TableUpload("new-upload"), about])


def _kept(goes_on: Continued) -> Component:
    described = goes_on.model.description
    inputs = listed([column["name"] for column in described["inputs"]])
    return dmc.Text(f"The model predicts {listed(described['target'])} from {inputs}.", size="sm")


def _network(goes_on: Continued | None) -> Component:
    if goes_on is None:
        layers = html.Div(layering.editor([]), id="new-layers")
    else:
        model = goes_on.model
        told = f"{layering.described(model.description['network']['layers'])}, with the weights that it has."
        name = name_of(model.name, model.id)
        leading = dmc.Anchor(name, href=f"/models/{model.id}", refresh=False, inherit=True, underline="always")
        known = dmc.Text(["It goes on from ", leading, f": {told}"], size="sm")
        layers = dmc.Stack([known, text("/network/model_id", "Goes on from model", value=model.id, readOnly=True)])
    more = [
        choice("/loss/name", "Loss", get_args(LossName)),
        choice("/network/dtype", "Numbers", get_args(Dtype), placeholder="float32"),
        None if goes_on else choice("/network/initializer", "Initial weights", get_args(InitializerName)),
    ]
    return dmc.Stack([layers, group(*more)])


def _training() -> Component:
    plan = group(
        number("/training/epochs", "Epochs", min=1),
        number(drafts.BATCH, "Batch size", min=1),
        flag(drafts.BATCH, "All rows in one batch"),
        number("/training/validation_fraction", "Validation fraction", step=0.05, min=0, max=1),
        one_of("/training/validation_dataset_id", "Validation table", tables(), placeholder="a part of the rows"),
        number("/training/seed", "Seed", placeholder=0, min=0),
        number("/training/time_limit_seconds", "Time limit, seconds", placeholder="none", min=0),
        flag("/training/shuffle", "Shuffle the rows", checked=True),
    )
    return dmc.Stack([plan, class_weights.chooser()])


def _method(region: str, pointer: str, label: str, placeholder: str = "chosen for you") -> Component:
    chooser = choice(f"{pointer}/name", label, tuple(METHODS[pointer]), placeholder=placeholder)
    return html.Div([chooser, html.Div(id=region, className="more-fields")], className="fields")


def _stopping() -> Component:
    chooser = one_of(drafts.STOPPING, "Early stopping", STOPPING, placeholder="on, if validated")
    return html.Div([chooser, html.Div(id="new-stopping", className="more-fields")], className="fields")


def _preprocessing() -> Component:
    return group(
        choice("/preprocessing/missing", "Missing values", get_args(Missing), placeholder="impute"),
        flag("/preprocessing/standardize", "Standardize the features", checked=True),
    )


def _target(schema: Schema) -> list[str]:
    """The targets of arrays are known."""
    return [] if schema.targets == "none" else [name for name in schema.names if name.startswith("target_")]


def _dataset_of(model: Model) -> str | None:
    try:
        return services().jobs.get(owner(), model.job_id).dataset_id if model.job_id else None
    except NotFound:
        return None
