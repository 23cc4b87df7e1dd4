"""Fields of a job, each under its JSON Pointer; what the library defines, it also names, limits and fills in."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.backprop.definition import (
    Adagrad,
    Adam,
    AdamW,
    Constant,
    Cosine,
    EarlyStopping,
    Exponential,
    Nadam,
    ReduceOnPlateau,
    RmsProp,
    Sgd,
    Step,
)
from deltarule.backprop.record import Record

CHOSEN = "chosen for you"
WAIT = 250
"""Milliseconds without a key before what was typed is looked at."""
METHODS: Mapping[str, Mapping[str, type[Record]]] = MappingProxyType(
    {
        "/optimizer": {
            "sgd": Sgd, "adam": Adam, "adamw": AdamW, "nadam": Nadam, "rmsprop": RmsProp, "adagrad": Adagrad
        },
        "/schedule": {
            "constant": Constant, "step": Step, "exponential": Exponential, "cosine": Cosine,
            "reduce_on_plateau": ReduceOnPlateau,
        },
        "/training/early_stopping": {"on": EarlyStopping},
    }
)  # fmt: skip
WORDS = {
    "l1": "L1", "l2": "L2", "rho": "ρ", "beta1": "β₁", "beta2": "β₂", "epsilon": "ε", "sgd": "SGD", "adam": "Adam",
    "adamw": "AdamW", "nadam": "Nadam", "rmsprop": "RMSprop", "adagrad": "Adagrad", "relu": "ReLU", "elu": "ELU",
    "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "leaky_relu": "leaky ReLU", "amsgrad": "AMSGrad",
    "float32": "float32", "float64": "float64",
}  # fmt: skip
MANY = 100


def words(name: str) -> str:
    """A name of the API as people write it."""
    return WORDS.get(name) or name.replace("_", " ")


def label_of(name: str) -> str:
    """The same at the beginning of a field."""
    found = words(name)
    return found if name in WORDS else found[:1].upper() + found[1:]


def number(
    pointer: str,
    label: str,
    *,
    value: float | str = "",
    placeholder: object = CHOSEN,
    **more: Any,  # noqa: ANN401 -- as Mantine takes them
) -> Component:
    """A number."""
    return dmc.NumberInput(
        id={"field": pointer}, label=label, value=value, placeholder=str(placeholder), debounce=WAIT, **more
    )


def text(pointer: str, label: str, *, value: str = "", **more: Any) -> Component:  # noqa: ANN401
    """A text."""
    return dmc.TextInput(id={"field": pointer}, label=label, value=value, debounce=WAIT, **more)


def choice(
    pointer: str, label: str, names: Sequence[str], *, value: str | None = None, placeholder: str = CHOSEN
) -> Component:
    """One of the API's names, or none of them."""
    data = [{"value": name, "label": words(name)} for name in names]
    return one_of(pointer, label, data, value=value, placeholder=placeholder)


def one_of(pointer: str, label: str, data: Sequence[Mapping[str, str]], **more: Any) -> Component:  # noqa: ANN401
    """One of these, or none."""
    return dmc.Select(
        id={"field": pointer},
        label=label,
        data=list(data),
        clearable=True,
        searchable=True,
        limit=MANY,
        clearButtonProps={"aria-label": f"Clear {label}"},
        **more,
    )


def some_of(
    pointer: str, label: str, names: Sequence[str], *, placeholder: str, value: Sequence[str] = ()
) -> Component:
    """Any of these names."""
    return dmc.MultiSelect(
        id={"field": pointer},
        label=label,
        data=list(names),
        value=list(value),
        placeholder=placeholder,
        searchable=True,
        clearable=True,
        limit=MANY,
        clearButtonProps={"aria-label": f"Clear {label}"},
    )


def flag(pointer: str, label: str, *, checked: bool = False) -> Component:
    """Yes or no."""
    return dmc.Switch(id={"flag": pointer}, label=label, checked=checked, className="flag")


def group(*fields: Component | None) -> Component:
    """Fields beside each other, as many as there is room for."""
    return html.Div([field for field in fields if field is not None], className="fields")


def of_method(pointer: str, name: str | None) -> list[Component]:
    """The fields of an optimizer, a schedule or early stopping, once it is chosen."""
    model = METHODS[pointer].get(name or "")
    return of_record(model, pointer) if model else []


def of_record(model: type[Record], pointer: str) -> list[Component]:
    """A field for each of the record's own, with its default."""
    return [
        _field(f"{pointer}/{name}", label_of(name), info.annotation, info.default)
        for name, info in model.model_fields.items()
        if name != "name"
    ]


def _field(pointer: str, label: str, annotation: object, default: object) -> Component:
    if isinstance(default, bool):
        return flag(pointer, label, checked=default)
    if isinstance(default, str):
        return choice(pointer, label, get_args(annotation), value=default)
    return number(pointer, label, placeholder="none" if default is None else f"{default:g}")
