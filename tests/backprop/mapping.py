"""Samples in a file that is mapped into memory."""

import mmap
from pathlib import Path

import numpy as np

from deltarule.backprop.numerics import Array
from deltarule.backprop.samples import Samples


def mapped(samples: Samples, folder: Path) -> Samples:
    """The same samples, each array in a file of its own; they are ready if the given ones are."""
    weights = None if samples.weights is None else _mapped(samples.weights, folder / "weights")
    inputs, targets = _mapped(samples.inputs, folder / "inputs"), _mapped(samples.targets, folder / "targets")
    return Samples(inputs, targets, weights, samples.ready)


def _mapped(values: Array, path: Path) -> Array:
    values.tofile(path)
    with path.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapping, values.dtype).reshape(values.shape)
