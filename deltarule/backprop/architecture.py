"""A network in words: layers from the input side to the output layer, and the loss at its end."""

from typing import Annotated, Literal

from pydantic import Field

from deltarule.backprop.record import Matrix, Record, Vector

ActivationName = Literal[
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "softsign",
    "softmax",
]
LossName = Literal[
    "squared_error",
    "half_squared_error",
    "absolute_error",
    "huber",
    "log_cosh",
    "log_loss",
    "cross_entropy",
    "poisson",
    "hinge",
]
InitializerName = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "uniform",
    "normal",
    "orthogonal",
    "zeros",
]
Dtype = Literal["float32", "float64"]

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
"""From 0 to just under 1: a momentum, a decay rate, a dropout probability, a share of the rows."""

UNITS_LIMIT = 65_536
LAYERS_LIMIT = 256


class Layer(Record):
    """One layer: net input z = W a + b, then activation. What is None or "auto" is filled in by `resolve`.

    Given `weights` (units × fan-in) and `biases` (units) are where training starts.
    """

    units: Annotated[int, Field(ge=1, le=UNITS_LIMIT)] | None = None
    activation: ActivationName | None = None
    bias: bool = True
    dropout: Fraction = 0.0
    initializer: InitializerName | Literal["auto"] = "auto"
    weights: Matrix | None = None
    biases: Vector | None = None


class Network(Record):
    """A feed-forward network, input side first; the last layer is the output layer."""

    dtype: Dtype = "float32"
    initializer: InitializerName | Literal["auto"] = "auto"
    layers: Annotated[tuple[Layer, ...], Field(strict=False, min_length=1, max_length=LAYERS_LIMIT)]


class Loss(Record):
    """The loss, a mean over the samples of a batch."""

    name: LossName
