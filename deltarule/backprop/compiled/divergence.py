"""Where a training left the range of floating-point numbers: looked for once it has, at no cost before."""

import math

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.norms import all_finite
from deltarule.backprop.compiled.plan import Layers, Work
from deltarule.backprop.numerics import Array
from deltarule.backprop.state import Progress, Stop

_DIVERGED = int(Stop.DIVERGED)


@kernel
def diverge_in_step(layers: Layers, parameters: Array, work: Work, n: int, progress: Progress) -> None:
    """Ends the training in a batch of n samples that has no finite loss or gradient.

    The layer is the one where it was seen first: in the parameters, else on the way forward, else on the way back.
    """
    progress.stop = _DIVERGED
    layer = _first_not_finite(layers, parameters)
    if layer == layers.units.size:
        layer = _first_forward(layers, work, n)
    if layer == layers.units.size:
        layer = _last_backward(work)
    progress.diverged_layer = layer


@kernel
def diverge_in_epoch(layers: Layers, parameters: Array, progress: Progress) -> None:
    """Ends the training after an epoch whose parameters or validation loss are not finite."""
    progress.stop = _DIVERGED
    progress.diverged_layer = min(_first_not_finite(layers, parameters), layers.units.size - 1)


@kernel
def _first_not_finite(layers: Layers, parameters: Array) -> int:
    """The first layer with such parameters; the number of layers when there is none."""
    for layer in range(layers.units.size):
        if not all_finite(parameters[layers.start[layer] : layers.stop[layer]]):
            return layer
    return layers.units.size


@kernel
def _first_forward(layers: Layers, work: Work, n: int) -> int:
    """The first layer with such net inputs or activations; the number of layers when there is none."""
    for layer in range(layers.units.size):
        start, stop = layers.room[layer], layers.room[layer] + n * layers.units[layer]
        if not all_finite(work.z[start:stop]) or not all_finite(work.a[start:stop]):
            return layer
    return layers.units.size


@kernel
def _last_backward(work: Work) -> int:
    """The last layer with such a gradient, which is the first on the way back."""
    for layer in range(work.norms.size - 1, -1, -1):
        if not math.isfinite(work.norms[layer]):
            return layer
    return work.norms.size - 1
