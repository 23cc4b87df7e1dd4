"""What every export tells of its model besides the parameters, in the same words."""

import io
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deltarule.training.model import Model

About = Mapping[str, Any]
"""Further facts for an export, such as an id, a name or metrics; JSON values only."""

NOTHING: About = MappingProxyType({})


def metadata(model: Model, about: About) -> dict[str, Any]:
    """The model's description, without parameters, and the further facts."""
    return {**model.description(), **about}


def written(document: Mapping[str, Any]) -> bytes:
    """A document as JSON: equal documents give equal bytes, and no digit of a number is lost."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def arrays(model: Model) -> dict[str, NDArray[Any]]:
    """`weights_0` (units × fan-in), `biases_0` (units), `weights_1`, … in the network's dtype.

    A layer without biases has no array of them.
    """
    named: dict[str, NDArray[Any]] = {}
    for number, (weights, biases) in enumerate(zip(model.parameters.weights, model.parameters.biases, strict=True)):
        named[f"weights_{number}"] = weights
        if biases is not None:
            named[f"biases_{number}"] = biases
    return named


def packed(named: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as NumPy's archive, in this order; none of them needs a pickle."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **named)
    return file.getvalue()
