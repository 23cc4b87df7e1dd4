"""Weights of classes, in the form of a new job: balanced, or a number for each class of the target."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from deltarule.store.records import Dataset
from deltarule.training.distributions import Histogram, first_rows
from deltarule.training.tables import NumericColumn
from service.authentication import owner
from service.dashboard.amounts import count
from service.dashboard.drafts import BY_CLASS, CLASSES, TARGET
from service.dashboard.fields import number, one_of
from service.distributing import distributions_of
from service.pointers import pointer
from service.schemas.datasets import schema_of
from service.services import services

REGION = "new-classes"
WAYS = [{"value": "balanced", "label": "balanced"}, {"value": BY_CLASS, "label": "by class"}]
UNKNOWN = (
    "Choose a table and a target of classes first. Classes that are numbers far apart stand only in the rows; the API "
    "takes a weight for each by its name."
)
MOST = 30


def chooser() -> Component:
    """How classes are weighed, and room for a field for each of them."""
    ways = one_of(CLASSES, "Class weight", WAYS, placeholder="all alike")
    return html.Div([ways, html.Div(id=REGION, className="more-fields")], className="fields")


def offered(chosen: Mapping[str, Any]) -> list[Component]:
    """A field for each class, where weights by class are chosen; `chosen` are the form's values by pointer."""
    if chosen.get(CLASSES) != BY_CLASS:
        return []
    classes = labels(chosen)
    fields = [
        number(CLASSES + pointer((name,)), f"Weight of {name}", placeholder=1, min=0, step=0.5)
        for name in classes[:MOST]
    ]
    told = UNKNOWN if not classes else f"The API takes the weights of {count(len(classes) - MOST)} more classes."
    return fields if 0 < len(classes) <= MOST else [*fields, dmc.Text(told, size="sm", c="dimmed")]


def labels(chosen: Mapping[str, Any]) -> Sequence[str]:
    """The classes of the model that is gone on from, or else of the target, as far as the table's description tells."""
    if model_id := chosen.get("/network/model_id"):
        return services().trained.get(owner(), model_id).form.target.labels
    targets, dataset_id = chosen.get(TARGET), chosen.get("/dataset_id")
    if not targets or not dataset_id:
        return ()
    if len(targets) > 1:
        return tuple(targets)
    dataset = services().datasets.get(owner(), dataset_id)
    column = schema_of(dataset).column(targets[0])
    return column.categories if column.type == "categorical" else _numbers(dataset, column)


def _numbers(dataset: Dataset, column: NumericColumn) -> Sequence[str]:
    """Whole numbers as classes, where they lie so close together that each was counted; none of others."""
    place = schema_of(dataset).names.index(column.name)
    # Of a larger table only the first rows are counted, in which a class may be missing.
    whole = column.whole_numbers and first_rows(schema_of(dataset)) >= dataset.rows
    counted = distributions_of(dataset, services().blobs).columns[place] if whole else None
    return tuple(map(str, counted.whole_numbers())) if isinstance(counted, Histogram) else ()


def _register(pointer: str, *, first: bool) -> None:
    """Offer the classes anew when the way of weighing or the target has changed; a page may have no target."""

    @callback(
        Output(REGION, "children", allow_duplicate=not first),
        Input({"field": pointer}, "value"),
        State({"field": CLASSES}, "value"),
        State({"field": ALL}, "value"),
        prevent_initial_call=True,
    )
    def offer(_: object, way: str | None, __: Sequence[Any]) -> list[Component]:
        if way != BY_CLASS and not first:
            raise PreventUpdate
        return offered({each["id"]["field"]: each.get("value") for each in ctx.states_list[1]})


_register(CLASSES, first=True)
_register(TARGET, first=False)
