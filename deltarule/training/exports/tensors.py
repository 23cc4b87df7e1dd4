"""The safetensors format: arrays that any framework reads without running a line of a stranger's code."""

import numpy as np

from deltarule.training.exports.facts import NOTHING, About, arrays, metadata, written
from deltarule.training.model import Model

KEY = "metadata"
"""The one entry of the file's own metadata; several would stand in another order each time."""


def to_safetensors(model: Model, about: About = NOTHING) -> bytes:
    """The arrays of `to_npz`; its `metadata` is the entry of that name in the header's `__metadata__`, as JSON."""
    # Loaded by the first export of this kind: who never asks for one does not pay for it.
    from safetensors.numpy import save  # noqa: PLC0415

    named = {name: np.ascontiguousarray(array) for name, array in arrays(model).items()}
    return bytes(save(named, metadata={KEY: written(metadata(model, about)).decode()}))
