"""What a definition leaves open is filled in; what can't be trained is found, all of it at once."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.architecture import (
    UNITS_LIMIT,
    ActivationName,
    Dtype,
    InitializerName,
    Layer,
    LossName,
    Network,
)
from deltarule.backprop.errors import Fault
from deltarule.backprop.losses import LOSSES

T = TypeVar("T")

ROWS_TOLD = 100
"""Wrong rows of weights that have a fault each; one more tells of the rest, so that the answer stays small."""

HIDDEN_ACTIVATION: ActivationName = "relu"


def resolve_network(network: Network, loss: LossName, inputs: int, outputs: int) -> tuple[Network, tuple[Fault, ...]]:
    """The network with nothing left open, and every fault found in it.

    Pointers begin with "/network". With faults, the answered network is as far as it could be filled in.
    """
    if inputs < 1 or outputs < 1:
        return network, (Fault("", f"A network needs input and target columns; here are {inputs} and {outputs}."),)
    last = len(network.layers) - 1
    layers: list[Layer] = []
    faults: list[Fault] = []
    fan_in: int | None = inputs
    for number, given in enumerate(network.layers):
        layer = _filled(given, network, loss, outputs if number == last else None)
        pointer = f"/network/layers/{number}"
        faults.extend(_shape_faults(layer, pointer, fan_in))
        faults.extend(_size_faults(layer, pointer, network.dtype))
        if number == last:
            faults.extend(_output_faults(layer, pointer, loss, outputs))
        layers.append(layer)
        fan_in = layer.units
    return network.model_copy(update={"layers": tuple(layers)}), tuple(faults)


def resolved(value: T | None) -> T:
    """The value, which `Definition.resolve` has filled in.

    Raises:
        ValueError: nobody has resolved the definition.
    """
    if value is None:
        raise ValueError("This definition still leaves something open: call `resolve` on it first.")
    return value


def resolved_initializer(layer: Layer) -> InitializerName:
    """The layer's initializer, which `Definition.resolve` has filled in."""
    return resolved(None if layer.initializer == "auto" else layer.initializer)


def _filled(layer: Layer, network: Network, loss: LossName, outputs: int | None) -> Layer:
    """The layer with its units, activation and initializer; `outputs` is None for a hidden layer."""
    units = layer.units
    if units is None:
        units = outputs or (len(layer.weights) if layer.weights else None)
    activation = layer.activation or (HIDDEN_ACTIVATION if outputs is None else LOSSES[loss].activation)
    choices = (layer.initializer, network.initializer, ACTIVATIONS[activation].initializer)
    initializer = next(choice for choice in choices if choice != "auto")
    return layer.model_copy(update={"units": units, "activation": activation, "initializer": initializer})


def _shape_faults(layer: Layer, pointer: str, fan_in: int | None) -> Iterator[Fault]:
    if layer.units is None:
        yield Fault(f"{pointer}/units", "Say how many units this hidden layer has.")
        return
    if layer.units > UNITS_LIMIT:
        yield Fault(f"{pointer}/weights", f"A layer has at most {UNITS_LIMIT} units, not {layer.units}.")
        return
    if layer.weights is not None:
        yield from _weights_faults(layer.weights, pointer, layer.units, fan_in)
    if layer.biases is not None and not layer.bias:
        yield Fault(f"{pointer}/biases", "This layer has no biases; leave `biases` out, or set `bias` to true.")
    elif layer.biases is not None and len(layer.biases) != layer.units:
        yield Fault(
            f"{pointer}/biases",
            f"This layer has {layer.units} units, so it takes {layer.units} biases, not {len(layer.biases)}.",
        )


def _weights_faults(
    weights: tuple[tuple[float, ...], ...], pointer: str, units: int, fan_in: int | None
) -> Iterator[Fault]:
    if len(weights) != units:
        yield Fault(
            f"{pointer}/weights", f"Weights have one row for each of the {units} units, not {len(weights)} rows."
        )
    wrong = [number for number, row in enumerate(weights) if fan_in is not None and len(row) != fan_in]
    for number in wrong[:ROWS_TOLD]:
        yield Fault(
            f"{pointer}/weights/{number}",
            f"A row of weights has one number for each of the layer's {fan_in} inputs, not {len(weights[number])}.",
        )
    if len(wrong) > ROWS_TOLD:
        yield Fault(
            f"{pointer}/weights/{wrong[ROWS_TOLD]}",
            f"This row of weights and {len(wrong) - ROWS_TOLD - 1} after it have not one number for each of the "
            f"layer's {fan_in} inputs either.",
        )


def _size_faults(layer: Layer, pointer: str, dtype: Dtype) -> Iterator[Fault]:
    """Given weights and biases beyond the largest number of the dtype would start as infinity."""
    largest = float(np.finfo(dtype).max)
    given = {"weights": layer.weights or (), "biases": (layer.biases or (),)}
    for name, rows in given.items():
        if any(abs(number) > largest for row in rows for number in row):
            yield Fault(
                f"{pointer}/{name}", f"{dtype} holds numbers up to {largest:.3g}; take float64 or smaller ones."
            )


def _output_faults(layer: Layer, pointer: str, loss: LossName, outputs: int) -> Iterator[Fault]:
    if layer.units != outputs:
        yield Fault(
            f"{pointer}/units",
            f"The output layer has one unit for each target column: {outputs}, not {layer.units}. It may be left out.",
        )
    if layer.dropout:
        yield Fault(f"{pointer}/dropout", "The output layer can't drop its outputs; give dropout to hidden layers.")
    activation: ActivationName = resolved(layer.activation)
    needed = LOSSES[loss].outputs
    if not needed.contains(ACTIVATIONS[activation].range):
        fitting = ", ".join(name for name, one in ACTIVATIONS.items() if needed.contains(one.range))
        yield Fault(
            f"{pointer}/activation",
            f"{loss} needs outputs that are {needed}, and {activation} also gives others. "
            f"Output activations that fit: {fitting}.",
        )
