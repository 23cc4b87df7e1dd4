"""One block of memory, many views: a network's parameters are one flat vector, its matrices look into it.

So the optimizer, clipping, a checkpoint and the gradient check are each one line over a vector, however deep the
network. The order is: weights of the first layer (units × fan-in, row by row), its biases, then the second layer's, ...
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from deltarule.backprop.architecture import Dtype, Network
from deltarule.backprop.initializers import INITIALIZERS
from deltarule.backprop.numerics import Array
from deltarule.backprop.randomness import weights_generator
from deltarule.backprop.resolution import resolved, resolved_initializer


@dataclass(frozen=True, slots=True)
class LayerLayout:
    """Where one layer lies in the flat vector: weights from `start`, biases after them, the next layer from `stop`."""

    units: int
    fan_in: int
    bias: bool
    start: int

    @property
    def biases_start(self) -> int:
        """Where the weights end and the biases, if any, begin."""
        return self.start + self.units * self.fan_in

    @property
    def stop(self) -> int:
        """One past the layer's last parameter."""
        return self.biases_start + self.bias * self.units


@dataclass(frozen=True)
class Layout:
    """The shape of a network's parameters."""

    layers: tuple[LayerLayout, ...]
    dtype: Dtype

    @cached_property
    def size(self) -> int:
        """The number of parameters."""
        return self.layers[-1].stop

    @property
    def inputs(self) -> int:
        """The number of input columns."""
        return self.layers[0].fan_in

    @property
    def outputs(self) -> int:
        """The number of output units."""
        return self.layers[-1].units


def layout(network: Network, inputs: int) -> Layout:
    """The layout of a resolved network for `inputs` input columns."""
    layers: list[LayerLayout] = []
    fan_in, start = inputs, 0
    for layer in network.layers:
        layers.append(LayerLayout(resolved(layer.units), fan_in, layer.bias, start))
        fan_in, start = layers[-1].units, layers[-1].stop
    return Layout(tuple(layers), network.dtype)


class Parameters:
    """A flat vector and its views.

    Attributes:
        layout: the shape.
        vector: all parameters, of the network's dtype; writing to it writes to the views, and the other way round.
        weights: for each layer units × fan-in, a view.
        biases: for each layer a view of its biases (units), or None where it has none.
        layers: for each layer a view of weights and biases together, flat.
    """

    def __init__(self, layout: Layout, vector: Array | None = None) -> None:
        """Parameters over `vector` (not copied), or over new zeros.

        Raises:
            ValueError: the vector has another shape or dtype than the layout.
        """
        vector = np.zeros(layout.size, layout.dtype) if vector is None else vector
        if vector.shape != (layout.size,) or vector.dtype != np.dtype(layout.dtype):
            raise ValueError(
                f"This network has {layout.size} parameters of {layout.dtype}; "
                f"a vector of shape {vector.shape} and dtype {vector.dtype} can't hold them."
            )
        self.layout = layout
        self.vector = vector
        self.weights = tuple(
            vector[one.start : one.biases_start].reshape(one.units, one.fan_in) for one in layout.layers
        )
        self.biases = tuple(vector[one.biases_start : one.stop] if one.bias else None for one in layout.layers)
        self.layers = tuple(vector[one.start : one.stop] for one in layout.layers)

    def copy(self) -> Self:
        """The same numbers in a vector of their own."""
        return type(self)(self.layout, self.vector.copy())


def initial_parameters(network: Network, inputs: int, seed: int) -> Parameters:
    """Where training starts: the weights and biases given in the network, else its initializers' and 0."""
    parameters = Parameters(layout(network, inputs))
    for number, (layer, weights, biases) in enumerate(
        zip(network.layers, parameters.weights, parameters.biases, strict=True)
    ):
        if layer.weights is not None:
            weights[...] = layer.weights
        else:
            weights[...] = INITIALIZERS[resolved_initializer(layer)](weights_generator(seed, number), *weights.shape)
        if biases is not None and layer.biases is not None:
            biases[...] = layer.biases
    return parameters
