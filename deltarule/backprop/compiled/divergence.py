"""Where a training left the range of floating-point numbers: looked for once it has, at no cost before."""

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

import math

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.layers import forward
from deltarule.backprop.compiled.norms import all_finite
from deltarule.backprop.compiled.plan import Data, Layers, Work
from deltarule.backprop.numerics import Array, Doubles
from deltarule.backprop.state import Progress, Stop

_DIVERGED = int(Stop.DIVERGED)


@kernel
def diverge_in_step(layers: Layers, parameters: Array, room: Array, n: int, norms: Doubles, progress: Progress) -> None:
    """Ends the training in a batch of n samples that has no finite loss or gradient.

    The layer is the one where it was seen first: in the parameters, else on the way forward, else on the way back.
    """
    progress.stop = _DIVERGED
    layer = _first_not_finite(layers, parameters)
    if layer == len(layers):
        layer = _first_forward(layers, room, n)
    if layer == len(layers):
        layer = _last_backward(norms)
    progress.diverged_layer = layer


@kernel
def diverge_in_epoch(layers: Layers, parameters: Array, work: Work, validation: Data, progress: Progress) -> None:
    """Ends the training after an epoch whose parameters or validation loss are not finite.

    The layer is the first such in the parameters, else on the way forward over the validation samples.
    """
    progress.stop = _DIVERGED
    layer = _first_not_finite(layers, parameters)
    if layer == len(layers):
        layer = _first_over(layers, parameters, work, validation)
    progress.diverged_layer = min(layer, len(layers) - 1)


@kernel
def _first_over(layers: Layers, parameters: Array, work: Work, samples: Data) -> int:
    """The first layer that leaves the range for any of these samples; the number of layers when there is none."""
    layer, at_once, rows = len(layers), work.losses.size, samples.inputs.shape[0]
    for first in range(0, rows, at_once):
        inputs = samples.inputs[first : min(first + at_once, rows)]
        forward(layers, parameters, work.room, work.copies, inputs)
        layer = min(layer, _first_forward(layers, work.room, inputs.shape[0]))
    return layer


@kernel
def _first_not_finite(layers: Layers, parameters: Array) -> int:
    """The first layer with such parameters; the number of layers when there is none."""
    for layer in range(len(layers)):
        if not all_finite(parameters[layers[layer].start : layers[layer].stop]):
            return layer
    return len(layers)


@kernel
def _first_forward(layers: Layers, room: Array, n: int) -> int:
    """The first layer with such net inputs or activations; the number of layers when there is none."""
    for layer in range(len(layers)):
        one, size = layers[layer], n * layers[layer].units
        if not all_finite(room[one.z : one.z + size]) or not all_finite(room[one.a : one.a + size]):
            return layer
    return len(layers)


@kernel
def _last_backward(norms: Doubles) -> int:
    """The last layer with such a gradient, which is the first on the way back."""
    for layer in range(norms.size - 1, -1, -1):
        if not math.isfinite(norms[layer]):
            return layer
    return norms.size - 1
