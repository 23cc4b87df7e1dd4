"""What a run remembers of its gradients: a handful of numbers, however many epochs it has.

Layers differ in size, and the norm of a gradient grows with the root of the number of its parameters; so layers are
compared by norm over that root, the root mean square of the gradient's elements: their gradient per parameter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from deltarule.backprop.parameters import Layout

FADED = 1e-3
"""The first layer's gradient per parameter has vanished below this share of the last layer's.

The derivative of a sigmoid is 1/4 at most, and weights that keep the variance of what passes them (X. Glorot,
Y. Bengio, 2010) add nothing to it: one sigmoid layer takes three quarters of a gradient, and five take 1 - 4⁻⁵, all but
a thousandth.
"""

SWOLLEN = 10.0
"""From here on the first layer's gradient per parameter has swollen, and no rate suits both ends of the network.

With initial weights that keep the variance both ends are alike, at any depth: the share of the last layer's that the
first has is then from 0.01 to 2.
"""


@dataclass(slots=True)
class Gradients:
    """The gradient norms of a run, over all its interruptions.

    Attributes:
        epochs: taken in.
        faded: epochs in which the first layer's gradient had vanished.
        swollen: epochs in which it had swollen.
        peak: the norms of the epoch with the largest of them, layer by layer.
        peak_epoch: its number.
        peak_loss: its training loss.
    """

    epochs: int = 0
    faded: int = 0
    swollen: int = 0
    peak: list[float] = field(default_factory=list)
    peak_epoch: int = 0
    peak_loss: float = 0.0

    def count(self, number: int, training_loss: float, norms: Sequence[float], shape: Layout) -> None:
        """Takes in an epoch of a network of this shape: its norms, layer by layer, which are finite."""
        # Of the first alone: there may be thousands of epochs a second.
        first = _share(0, norms, shape)
        self.epochs += 1
        self.faded += first < FADED
        self.swollen += first > SWOLLEN
        if max(norms) > max(self.peak, default=0.0):
            self.peak, self.peak_epoch, self.peak_loss = list(norms), number, training_loss


def share_of_last(norms: Sequence[float], shape: Layout) -> tuple[float, ...]:
    """The gradient per parameter of each layer, over that of the last; 1 for all where the last has no gradient."""
    return tuple(_share(number, norms, shape) for number in range(len(norms)))


def _share(number: int, norms: Sequence[float], shape: Layout) -> float:
    last = _per_parameter(-1, norms, shape)
    return 1.0 if last == 0 else _per_parameter(number, norms, shape) / last


def _per_parameter(number: int, norms: Sequence[float], shape: Layout) -> float:
    layer = shape.layers[number]
    return norms[number] / math.sqrt(layer.stop - layer.start)
