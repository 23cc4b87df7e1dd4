"""Layers as ONNX writes them: Gemm, then the activation, spelled out where ONNX Runtime has no double kernel of it."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from onnx import TensorProto

from deltarule.backprop.activations import LEAK, SELU_ALPHA, SELU_SCALE
from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.resolution import resolved
from deltarule.training.exports.onnx.graph import Attribute, Graph
from deltarule.training.model import Model

Apply = Callable[[Graph, str], str]
"""(graph, z): the name of f(z)."""


def outputs(graph: Graph, model: Model, inputs: str) -> str:
    """The activations of the output layer, rows × outputs, in the network's dtype."""
    below = inputs
    layers = zip(model.network.layers, model.parameters.weights, model.parameters.biases, strict=True)
    for number, (layer, weights, biases) in enumerate(layers):
        terms = [below, graph.constant(f"weights_{number}", weights)]
        if biases is not None:
            terms.append(graph.constant(f"biases_{number}", biases))
        net_inputs = graph.node("Gemm", *terms, name=f"net_inputs_{number}", transB=1)
        below = ACTIVATIONS[resolved(layer.activation)](graph, net_inputs)
    return below


def _operator(name: str, **attributes: Attribute) -> Apply:
    """An activation that is one of ONNX's own operators."""
    return lambda graph, z: graph.node(name, z, name=f"{z}/{name.lower()}", domain="", **attributes)


def _leaky_relu(graph: Graph, z: str) -> str:
    leaked = graph.node("Mul", z, graph.scalar(LEAK), name=f"{z}/leaked")
    return graph.node("Max", z, leaked, name=f"{z}/leaky_relu")


def _elu(graph: Graph, z: str, alpha: float = 1.0) -> str:
    """f(z) = z above 0, alpha (exp(z) - 1) below."""
    below = graph.node("Min", z, graph.scalar(0), name=f"{z}/below")
    grown = graph.node("Sub", graph.node("Exp", below, name=f"{z}/exp"), graph.scalar(1), name=f"{z}/grown")
    scaled = graph.node("Mul", grown, graph.scalar(alpha), name=f"{z}/scaled")
    is_above = graph.node("Greater", z, graph.scalar(0), name=f"{z}/is_above")
    return graph.node("Where", is_above, z, scaled, name=f"{z}/elu")


def _selu(graph: Graph, z: str) -> str:
    return graph.node("Mul", _elu(graph, z, SELU_ALPHA), graph.scalar(SELU_SCALE), name=f"{z}/selu")


def _gelu(graph: Graph, z: str) -> str:
    """f(z) = ½ z (1 + erf(z / √2)). ONNX Runtime has erf for single precision only: an error of about 1e-7."""
    scaled = graph.node("Mul", z, graph.scalar(math.sqrt(0.5)), name=f"{z}/scaled")
    single = graph.node("Cast", scaled, name=f"{z}/single", to=int(TensorProto.FLOAT))
    erf = graph.node("Cast", graph.node("Erf", single, name=f"{z}/erf"), name=f"{z}/erf", to=graph.type)
    doubled = graph.node("Add", erf, graph.scalar(1), name=f"{z}/doubled")
    half = graph.node("Mul", z, graph.scalar(0.5), name=f"{z}/half")
    return graph.node("Mul", half, doubled, name=f"{z}/gelu")


def _silu(graph: Graph, z: str) -> str:
    return graph.node("Mul", z, graph.node("Sigmoid", z, name=f"{z}/sigmoid"), name=f"{z}/silu")


def _softplus(graph: Graph, z: str) -> str:
    """f(z) = max(z, 0) + log(1 + exp(-|z|)), which never overflows."""
    negative = graph.node("Neg", graph.node("Abs", z, name=f"{z}/abs"), name=f"{z}/negative")
    raised = graph.node("Add", graph.node("Exp", negative, name=f"{z}/exp"), graph.scalar(1), name=f"{z}/raised")
    above = graph.node("Max", z, graph.scalar(0), name=f"{z}/above")
    return graph.node("Add", above, graph.node("Log", raised, name=f"{z}/log"), name=f"{z}/softplus")


def _softsign(graph: Graph, z: str) -> str:
    below = graph.node("Add", graph.node("Abs", z, name=f"{z}/abs"), graph.scalar(1), name=f"{z}/below")
    return graph.node("Div", z, below, name=f"{z}/softsign")


ACTIVATIONS: Mapping[ActivationName, Apply] = MappingProxyType(
    {
        "identity": lambda _, z: z,
        "sigmoid": _operator("Sigmoid"),
        "tanh": _operator("Tanh"),
        "relu": _operator("Relu"),
        "leaky_relu": _leaky_relu,
        "elu": _elu,
        "selu": _selu,
        "gelu": _gelu,
        "silu": _silu,
        "softplus": _softplus,
        "softsign": _softsign,
        "softmax": _operator("Softmax", axis=1),
    }
)
