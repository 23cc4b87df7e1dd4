"""A job in few words: `32:relu,16:tanh` and `adam:0.005` become the document that the service reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from deltarule.client.errors import InvalidInput

LAYERS_HINT = (
    "Write hidden layers as units:activation or units:activation:dropout, like 32:relu,16:tanh or 32:relu:0.1; the "
    "output layer is added by itself."
)
OPTIMIZER_HINT = "Write its name and its learning rate, like adam:0.005."

Layers = str | Sequence[Mapping[str, Any]]


def layers_from(text: str) -> list[dict[str, Any]]:
    """The layers of `32:relu,16:tanh`: hidden ones as written, and an output layer that the service completes.

    A last word without a number is the output layer's activation: `32:relu,softmax`.

    Raises:
        InvalidInput: for a text of another form.
    """
    words = [word.strip() for word in text.split(",")]
    output = {"activation": words.pop()} if words[-1].isidentifier() else {}
    return [*(_hidden(word) for word in words), output]


def optimizer_from(text: str) -> dict[str, Any]:
    """The optimizer of `adam:0.005`; the learning rate may be left out.

    Raises:
        InvalidInput: for a text of another form.
    """
    name, colon, rate = text.partition(":")
    try:
        return {"name": name, "learning_rate": float(rate)} if colon else {"name": name}
    except ValueError:
        raise InvalidInput(f"{rate!r} is not a learning rate.", OPTIMIZER_HINT) from None


def specification(
    base: Mapping[str, Any] | None = None,
    *,
    layers: Layers | None = None,
    optimizer: str | Mapping[str, Any] | None = None,
    loss: str | None = None,
    training: Mapping[str, Any] | None = None,
    **fields: object,
) -> dict[str, Any]:
    """The document to post: `base` with what else is given written over it; None means not given.

    Raises:
        InvalidInput: for layers or an optimizer in a form that cannot be read.
    """
    document = dict(base or {})
    document.update(_given(fields))
    if layers is not None:
        built = layers_from(layers) if isinstance(layers, str) else [dict(layer) for layer in layers]
        document["network"] = {**_without(document.get("network"), "model_id"), "layers": built}
    if optimizer is not None:
        document["optimizer"] = optimizer_from(optimizer) if isinstance(optimizer, str) else dict(optimizer)
    if loss is not None:
        document["loss"] = {"name": loss}
    if chosen := _given(training or {}):
        document["training"] = {**_without(document.get("training")), **chosen}
    return document


def _hidden(word: str) -> dict[str, Any]:
    units, *rest = word.split(":")
    activation, dropout = (*rest, None, None)[:2]
    is_named = activation is None or activation.isidentifier()
    if not units.isdecimal() or len(rest) > len(("activation", "dropout")) or not is_named:
        raise InvalidInput(f"{word!r} is not a layer.", LAYERS_HINT)
    given = {"units": int(units), "activation": activation, "dropout": _share(word, dropout)}
    return _given(given)


def _share(word: str, dropout: str | None) -> float | None:
    try:
        return None if dropout is None else float(dropout)
    except ValueError:
        raise InvalidInput(f"{dropout!r} of {word!r} is not a dropout.", LAYERS_HINT) from None


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _without(value: object, *names: str) -> dict[str, Any]:
    """An object of the base without these names; what is no object is left to the service to refuse, not merged."""
    return {name: part for name, part in value.items() if name not in names} if isinstance(value, Mapping) else {}
