"""Small trainings to test with."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.definition import ActivationName, Definition, Layer, Loss, LossName, Network
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.numerics import Array
from deltarule.backprop.samples import Samples
from deltarule.backprop.trainer import Epoch, Trainer, epochs

ACTIVATION_NAMES: tuple[ActivationName, ...] = get_args(ActivationName)
LOSS_NAMES: tuple[LossName, ...] = get_args(LossName)


def pairs() -> Iterator[tuple[LossName, ActivationName]]:
    """Every loss with every output activation that it accepts."""
    for loss in LOSS_NAMES:
        for activation in ACTIVATION_NAMES:
            if LOSSES[loss].outputs.contains(ACTIVATIONS[activation].range):
                yield loss, activation


def targets_for(loss: LossName, rows: int, outputs: int, generator: np.random.Generator) -> Array:
    """Targets that the loss is defined for."""
    if loss == "hinge":
        return generator.choice([-1.0, 1.0], (rows, outputs))
    if loss == "poisson":
        return generator.poisson(2.0, (rows, outputs)).astype(float)
    if loss == "log_loss":
        return generator.choice([0.0, 1.0, 0.3], (rows, outputs))
    if loss == "cross_entropy":
        return np.eye(outputs)[generator.integers(0, outputs, rows)]
    return generator.standard_normal((rows, outputs))


def samples_for(loss: LossName, rows: int = 12, inputs: int = 3, outputs: int = 2, seed: int = 0) -> Samples:
    generator = np.random.default_rng(seed)
    return Samples(generator.standard_normal((rows, inputs)), targets_for(loss, rows, outputs, generator))


def definition_for(
    loss: LossName,
    *,
    hidden: Sequence[dict[str, Any]] = ({"units": 4, "activation": "tanh"},),
    output: dict[str, Any] | None = None,
    dtype: str = "float64",
    inputs: int = 3,
    outputs: int = 2,
    **parts: Any,  # noqa: ANN401 - the parts of a definition, as JSON has them
) -> Definition:
    layers = tuple(Layer(**layer) for layer in (*hidden, output or {}))
    network = Network(layers=layers, dtype=dtype)
    given = Definition.model_validate({"network": network, "loss": Loss(name=loss), **parts})
    return given.resolve(inputs, outputs)


def train(definition: Definition, training: Samples, validation: Samples | None = None) -> tuple[Trainer, list[Epoch]]:
    """A training to its end."""
    trainer = Trainer(definition, training, validation)
    return trainer, list(epochs(trainer))
