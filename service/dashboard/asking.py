"""A form to ask a model: a field for each input column, as the training data describes it."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.backprop.errors import Fault
from deltarule.training.tables import CategoricalColumn, Column, NumericColumn
from deltarule.training.tables.documents import escaped
from service.dashboard.amounts import number
from service.dashboard.parts import bars
from service.dashboard.words import figure

MOST_FIELDS = 100
"""Of a model with more inputs, the others are taken as missing."""
MOST_BARS = 20
ROW = "/rows/0"

Value = float | str | None


def fields(columns: Sequence[Column], *, missing: bool) -> Component:
    """A field for each column; `missing`: values may be left out."""
    return html.Div([field(column, missing=missing) for column in columns[:MOST_FIELDS]], className="fields")


def field(column: NumericColumn | CategoricalColumn, *, missing: bool) -> Component:
    """A field that says what the training data had there, and begins with a value of its kind."""
    common: dict[str, Any] = {"id": {"ask": column.name}, "label": column.name}
    if missing:
        common["placeholder"] = "missing"
    if column.type == "numeric":
        told = f"{number(column.minimum)} to {number(column.maximum)} in training"
        return dmc.NumberInput(**common, description=told, value=_usual(column), decimalSeparator=".")
    if not column.categories:
        return dmc.TextInput(**common, description="a text", value="")
    value = column.categories[0]
    return dmc.Select(
        **common, data=list(column.categories), value=value, clearable=missing, searchable=True, limit=100,
        description=f"one of {len(column.categories)}", clearButtonProps={"aria-label": f"Leave {column.name} out"},
    )  # fmt: skip


def row_of(names: Sequence[str], values: Sequence[Value]) -> dict[str, Value]:
    """The row that the fields say; what is empty is missing."""
    return {name: None if value in ("", None) else value for name, value in zip(names, values, strict=True)}


def beside_fields(names: Sequence[str], faults: Sequence[Fault]) -> tuple[list[str | None], list[str]]:
    """The faults, each at its field, and those that belong to none."""
    places = {f"{ROW}/{escaped(name)}": place for place, name in enumerate(names)}
    told: list[str | None] = [None] * len(names)
    others = []
    for fault in faults:
        place = places.get(fault.pointer)
        if place is None:
            others.append(fault.detail)
        else:
            told[place] = fault.detail
    return told, others


def answer(prediction: Mapping[str, Any]) -> Component:
    """What the model says of a row."""
    said = [*_said(prediction)]
    probabilities = sorted(prediction.get("probabilities", {}).items(), key=lambda item: -item[1])
    if probabilities:
        items = [(name, value, f"{100 * value:.2f} %") for name, value in probabilities[:MOST_BARS]]
        said.append(bars(items, label="Probabilities"))
        if len(probabilities) > MOST_BARS:
            said.append(html.P(f"The {MOST_BARS} likeliest of {len(probabilities)}.", className="soft"))
    said += [html.P(note, className="soft") for note in prediction.get("notes", ())]
    return dmc.Stack(said, gap="xs")


def _said(prediction: Mapping[str, Any]) -> list[Component]:
    if "label" in prediction:
        return [html.P(str(prediction["label"]), className="answer")]
    if "labels" in prediction:
        return [html.P(", ".join(prediction["labels"]) or "none of the labels", className="answer")]
    if "value" in prediction:
        return [html.P(figure(prediction["value"]), className="answer")]
    return [html.P(f"{name}: {figure(value)}", className="answer") for name, value in prediction["values"].items()]


def _usual(column: NumericColumn) -> float | str:
    """The mean, rounded as people would write it."""
    if column.mean is None:
        return ""
    return round(column.mean) if column.whole_numbers else float(f"{column.mean:.4g}")
