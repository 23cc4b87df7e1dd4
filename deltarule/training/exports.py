"""A trained model taken home: everything needed to compute it by hand, or with another library.

For layer l, counted from 0, and inputs x as the preprocessing makes them of a row: z = W x + b, then the activation;
W has a row for each unit and a column for each of its inputs.
"""

import io
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from deltarule.training.model import Model

ExportFormat = Literal["npz", "json"]
About = Mapping[str, Any]

MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType({"npz": "application/x-npz", "json": "application/json"})
"""What each format is called in HTTP."""


def export(model: Model, format: ExportFormat, about: About = MappingProxyType({})) -> bytes:  # noqa: A002
    """The model in a format that others read; equal models and facts give equal bytes.

    Args:
        model: a trained one.
        format: "json" for one document; "npz" for NumPy's archive of arrays.
        about: further facts for the document, such as an id, a name or metrics; JSON values only.
    """
    return EXPORTS[format](model, about)


def to_json(model: Model, about: About = MappingProxyType({})) -> bytes:
    """The model's description with `network.layers[i].weights` (units × fan-in) and `biases` (units, or null).

    Every number is written in full: reading it as float64 gives exactly the parameter, whatever the network's dtype.
    """
    network = model.description()["network"]
    layers = [
        layer | {"weights": weights.tolist(), "biases": None if biases is None else biases.tolist()}
        for layer, weights, biases in zip(
            network["layers"], model.parameters.weights, model.parameters.biases, strict=True
        )
    ]
    return _written({**model.description(), **about, "network": network | {"layers": layers}})


def to_npz(model: Model, about: About = MappingProxyType({})) -> bytes:
    """Arrays `weights_0` (units × fan-in), `biases_0` (units), `weights_1`, … in the network's dtype, and `metadata`.

    A layer without biases has no array of them. `metadata` is the document of `to_json` without the weights, as UTF-8
    bytes: `json.loads(archive["metadata"].tobytes())`. No array needs a pickle.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, (weights, biases) in enumerate(zip(model.parameters.weights, model.parameters.biases, strict=True)):
        arrays[f"weights_{number}"] = weights
        if biases is not None:
            arrays[f"biases_{number}"] = biases
    arrays["metadata"] = np.frombuffer(_written({**model.description(), **about}), np.uint8)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


EXPORTS: Mapping[ExportFormat, Callable[[Model, About], bytes]] = MappingProxyType({"npz": to_npz, "json": to_json})


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
