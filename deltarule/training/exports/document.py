"""One JSON document that says all of a model, its weights too."""

from deltarule.training.exports.facts import NOTHING, About, metadata, written
from deltarule.training.model import Model


def to_json(model: Model, about: About = NOTHING) -> bytes:
    """The model's description with `network.layers[i].weights` (units × fan-in) and `biases` (units, or null).

    Every number is written in full: reading it as float64 gives exactly the parameter, whatever the network's dtype.
    """
    told = metadata(model, about)
    network = model.description()["network"]
    layers = [
        layer | {"weights": weights.tolist(), "biases": None if biases is None else biases.tolist()}
        for layer, weights, biases in zip(
            network["layers"], model.parameters.weights, model.parameters.biases, strict=True
        )
    ]
    return written({**told, "network": network | {"layers": layers}})
