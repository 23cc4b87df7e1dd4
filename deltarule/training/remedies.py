"""What to try with a network that does not learn; never what its job has already."""

from deltarule.backprop.architecture import InitializerName, Layer
from deltarule.backprop.definition import Definition

BLIND: frozenset[InitializerName] = frozenset({"uniform", "normal", "zeros"})
"""Initializers that do not look at the size of a layer; all others keep the variance of what passes it."""


def one_of(*remedies: str) -> str:
    """Those that are not empty, as alternatives."""
    return ", or ".join(filter(None, remedies))


def smaller_steps(definition: Definition) -> str:
    """Against steps that are too large."""
    return one_of(f"a learning rate well below {definition.optimizer.learning_rate:g}", bounded_steps(definition))


def bounded_steps(definition: Definition) -> str:
    """Against few steps that are too large; empty where there is a bound."""
    bound = definition.regularization.max_gradient_norm
    return "a bound on the gradient (max_gradient_norm)" if bound is None else ""


def better_start(definition: Definition, standardized: bool, continued: bool) -> str:
    """Against numbers that a training begins with; empty where they are in order.

    Args:
        definition: resolved.
        standardized: whether the features are.
        continued: whether the weights are those of a trained model.
    """
    features = "" if standardized else "standardized features"
    if continued:
        return one_of(features, "other weights than those of the model that it goes on from")
    well = all(_begins_well(layer) for layer in definition.network.layers)
    return one_of(features, "" if well else 'smaller initial weights (the initializer "auto") and biases of 0')


def shallower(from_nothing: bool) -> str:
    """Against a gradient that gets lost on its way, or, `from_nothing`, at weights of 0."""
    if from_nothing:
        return 'the initializer "auto": weights of 0 let no gradient through'
    return one_of('relu or tanh with the initializer "auto" (he_normal, glorot_uniform)', "fewer layers")


def _begins_well(layer: Layer) -> bool:
    """Whether the initial weights suit the layer's size, and its biases are 0."""
    return layer.weights is None and layer.initializer not in BLIND and not any(layer.biases or ())
