"""NumPy's archive of arrays, and what they mean beside them."""

import numpy as np

from deltarule.training.exports.facts import NOTHING, About, arrays, metadata, packed, written
from deltarule.training.model import Model


def to_npz(model: Model, about: About = NOTHING) -> bytes:
    """The arrays `weights_0`, `biases_0`, `weights_1`, … and `metadata`.

    `metadata` is the document of `to_json` without the weights, as UTF-8 bytes:
    `json.loads(archive["metadata"].tobytes())`.
    """
    told = np.frombuffer(written(metadata(model, about)), np.uint8)
    return packed({**arrays(model), "metadata": told})
