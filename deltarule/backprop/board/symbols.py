"""The formulas of one layer in symbols, in the order in which they are computed. Layers are counted from 0."""

from collections.abc import Iterator, Mapping
from typing import Any

from deltarule.backprop.board.formulas import ACTIVATIONS, LOSSES, SHORTER

Document = Mapping[str, Any]
Formula = tuple[str, str]
"""What is computed, and from what."""


def below(layer: int) -> str:
    """What the layer takes in."""
    return f"a{layer}" if layer else "x"


def net_inputs(answer: Document, layer: int) -> Formula:
    """The net inputs of a layer."""
    bias = f" + b{layer + 1}" if answer["layers"][layer]["bias"] else ""
    return f"z{layer + 1}", f"W{layer + 1}·{below(layer)}{bias}"


def activations(answer: Document, layer: int) -> Iterator[Formula]:
    """The activations of a layer, and what their name stands for, if it is no function that everybody knows by it."""
    name = answer["layers"][layer]["activation"]
    yield f"a{layer + 1}", f"{name}(z{layer + 1})"
    if ACTIVATIONS[name].formula != f"{name}(z)":
        yield f"{name}(z)", ACTIVATIONS[name].formula


def loss(answer: Document) -> Formula:
    """The loss of a row."""
    return "l", f"{LOSSES[answer['loss_name']].formula}, with o = a{len(answer['layers'])}"


def deltas(answer: Document, layer: int) -> Iterator[Formula]:
    """How the loss changes with a layer's activations, and from that with its net inputs."""
    name, this, is_last = answer["layers"][layer]["activation"], layer + 1, layer + 1 == len(answer["layers"])
    above, shorter = f"W{this + 1}ᵀ·δ{this + 1}", SHORTER.get((answer["loss_name"], name)) if is_last else None
    yield f"dL/da{this}", LOSSES[answer["loss_name"]].gradient if is_last else above
    if shorter:
        yield f"δ{this}", f"{shorter[0]}: {answer['loss_name']} and {name}′ cancel"
    elif name == "softmax":
        yield f"δ{this}", f"a{this} ⊙ (g - Σ a{this}·g), with g = dL/da{this}"
    else:
        yield f"δ{this}", f"dL/da{this} ⊙ {name}′(z{this})"
        yield f"{name}′(z)", ACTIVATIONS[name].slope


def gradients(answer: Document, layer: int) -> Iterator[Formula]:
    """How the loss changes with a layer's weights and biases."""
    mean = "mean over the rows of " if len(answer["inputs"]) > 1 else ""
    yield f"dL/dW{layer + 1}", f"{mean}δ{layer + 1}·{below(layer)}ᵀ"
    if answer["layers"][layer]["bias"]:
        yield f"dL/db{layer + 1}", f"{mean}δ{layer + 1}"
