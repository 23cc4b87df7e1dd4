"""Whatever is thrown at it: finite numbers, or a training that says where it diverged; never NaN, never a warning."""

import math
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.compiled import CompiledEngine
from deltarule.backprop.definition import ActivationName, LossName
from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.network import predict
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.trainer import Samples, Trainer, epochs
from tests.backprop.making import ACTIVATION_NAMES, LOSS_NAMES, definition_for, pairs, samples_for


def assert_safe(trainer: Trainer) -> None:
    """Trains to the end; every number in the history and the result is finite."""
    for epoch in epochs(trainer):
        numbers = [epoch.training_loss, epoch.learning_rate, *epoch.gradient_norm]
        assert all(math.isfinite(number) for number in numbers)
        assert epoch.validation_loss is None or math.isfinite(epoch.validation_loss)
    for parameters in (trainer.result, trainer.parameters, trainer.best):
        assert np.isfinite(parameters.vector).all()
    if trainer.stop_reason == "diverged":
        assert trainer.diverged is not None
        layers = trainer.definition.network.layers
        assert 1 <= trainer.diverged.layer <= len(layers)
        assert f"layer {trainer.diverged.layer} of {len(layers)}" in trainer.diverged.sentence
        assert f"epoch {trainer.diverged.epoch}:" in trainer.diverged.sentence


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("loss", "output"), list(pairs()))
@pytest.mark.parametrize("rate", [0.1, 1e4])
def test_saturation(loss: LossName, output: ActivationName, dtype: str, rate: float) -> None:
    """Inputs of thousands and rates far too high: outputs saturate at once."""
    samples = samples_for(loss)
    samples = Samples(samples.inputs * 5000, samples.targets)
    for optimizer in ("sgd", "adam"):
        given = {"name": optimizer, "learning_rate": rate}
        definition = definition_for(
            loss, output={"activation": output}, dtype=dtype, optimizer=given, training={"epochs": 5, "batch_size": 4}
        )
        assert_safe(Trainer(definition, samples, samples))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("scale", [1e-40, 1e-20, 1e20, 1e37])
def test_huge_and_tiny_inputs(activation: ActivationName, dtype: str, scale: float) -> None:
    for loss in LOSS_NAMES:
        samples = samples_for(loss)
        definition = definition_for(
            loss, hidden=({"units": 4, "activation": activation},), dtype=dtype, training={"epochs": 2, "batch_size": 5}
        )
        assert_safe(Trainer(definition, Samples(samples.inputs * scale, samples.targets)))


@pytest.mark.parametrize(
    "samples",
    [
        Samples(np.zeros((8, 3)), np.eye(2)[np.arange(8) % 2]),
        Samples(np.full((8, 3), 7.5), np.eye(2)[np.arange(8) % 2]),
        Samples(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 1.0]])),
        Samples(np.random.default_rng(0).standard_normal((8, 3)), np.tile([1.0, 0.0], (8, 1))),
        Samples(np.random.default_rng(0).standard_normal((2, 3)), np.eye(2)),
    ],
    ids=["all zero", "constant", "one row", "one class", "fewer rows than features"],
)
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_poor_data(samples: Samples, loss: LossName) -> None:
    targets = samples.targets * 2 - 1 if loss == "hinge" else samples.targets
    plan = {"epochs": 300, "early_stopping": {"patience": 5}}
    trainer = Trainer(
        definition_for(loss, training=plan, optimizer={"name": "adam", "learning_rate": 0.05}),
        Samples(samples.inputs, targets),
        Samples(samples.inputs, targets),
    )
    assert_safe(trainer)
    assert trainer.stop_reason in ("epochs_done", "early_stopping")


def test_one_class_with_one_output_is_certain_from_the_start() -> None:
    samples = Samples(np.ones((4, 3)), np.ones((4, 1)))
    trainer = Trainer(definition_for("cross_entropy", outputs=1, training={"epochs": 3}), samples)
    assert [epoch.training_loss for epoch in epochs(trainer)] == [0, 0, 0]


def test_a_loss_that_is_infinite_without_a_large_number_says_what_else_to_change() -> None:
    samples = Samples(np.ones((4, 3)), np.full((4, 1), 0.3))
    certain = Samples(np.ones((4, 3)), np.ones((4, 1)))
    definition = definition_for("log_loss", output={"activation": "softmax"}, outputs=1)
    for training, validation in ((samples, None), (certain, samples)):
        trainer = Trainer(definition, training, validation)
        trainer.advance(1)
        assert trainer.diverged is not None
        assert trainer.diverged.sentence == (
            "The training diverged in epoch 1: log_loss became infinite in layer 2 of 2 (softmax), whose net inputs "
            "are finite: an output is exactly 0 or 1, and the target is not. Give the output layer another activation "
            "(sigmoid is the one that log_loss is made for; a softmax of one unit is always 1), or choose another loss."
        )


def test_a_logarithm_whose_net_input_overflows_is_a_number_too_large() -> None:
    definition, samples = definition_for("log_loss", hidden=()), Samples(np.full((2, 3), 1e308), np.eye(2))
    start = Trainer(definition, samples).parameters
    start.vector[:] = 1e308
    trainer = Trainer(definition, samples, start=start)
    trainer.advance(1)
    assert trainer.diverged is not None
    assert "numbers too large for float64 were first seen in layer 1 of 1 (sigmoid)" in trainer.diverged.sentence


def test_a_single_softmax_that_must_be_wrong_diverges_at_once() -> None:
    """It is always 1, so the log loss of any other target is infinite: no step is taken, and the start remains."""
    samples = Samples(np.ones((4, 3)), np.full((4, 1), 0.3))
    trainer = Trainer(definition_for("log_loss", output={"activation": "softmax"}, outputs=1), samples)
    start = trainer.parameters.vector
    trainer.advance(1)
    assert trainer.diverged is not None
    assert (trainer.diverged.epoch, trainer.diverged.layer) == (1, 2)
    np.testing.assert_array_equal(trainer.result.vector, start)


def diverging(**parts: Any) -> Trainer:  # noqa: ANN401
    samples = samples_for("squared_error")
    return Trainer(definition_for("squared_error", training={"epochs": 400, "batch_size": 4}, **parts), samples)


def test_a_rate_far_too_high_diverges_and_keeps_the_last_finite_parameters() -> None:
    trainer = diverging(hidden=({"units": 4, "activation": "relu"},), optimizer={"name": "sgd", "learning_rate": 5.0})
    assert_safe(trainer)
    assert (trainer.finished, trainer.stop_reason) == (True, "diverged")
    assert trainer.diverged is not None
    assert "Lower the learning rate" in trainer.diverged.sentence
    assert np.isfinite(predict(trainer.definition.network, trainer.result, np.ones((1, 3)))).all()
    advance = trainer.advance(10)
    assert (advance.epochs, advance.samples, advance.epoch + 1) == ((), 0, trainer.diverged.epoch)


def test_a_diverged_training_stays_diverged_when_restored() -> None:
    trainer, other = (diverging(optimizer={"name": "sgd", "learning_rate": 1e200}) for _ in range(2))
    trainer.advance(10_000)
    assert trainer.stop_reason == "diverged"
    other.restore(trainer.state())
    assert (other.stop_reason, other.diverged) == (trainer.stop_reason, trainer.diverged)
    np.testing.assert_array_equal(other.result.vector, trainer.result.vector)


def test_divergence_before_the_first_epoch_leaves_the_start() -> None:
    trainer = diverging(optimizer={"name": "sgd", "learning_rate": 1e300})
    start = trainer.parameters.vector
    trainer.advance(10_000)
    assert trainer.diverged is not None
    assert trainer.diverged.epoch == 1
    np.testing.assert_array_equal(trainer.result.vector, start)


@pytest.mark.parametrize(("layer", "where"), [(0, 1), (1, 2), (2, 3)])
def test_the_layer_of_the_overflow_is_named(layer: int, where: int) -> None:
    """Weights near the largest number, in one layer only."""
    hidden = ({"units": 4, "activation": "identity"}, {"units": 4, "activation": "identity"})
    definition, samples = definition_for("absolute_error", hidden=hidden), samples_for("absolute_error")
    start = Trainer(definition, samples).parameters
    start.weights[layer][:] = 1e308
    start.weights[layer][0] = -1e308
    trainer = Trainer(definition, Samples(samples.inputs * 100, samples.targets), start=start)
    trainer.advance(1)
    assert trainer.diverged is not None
    assert trainer.diverged.layer == where


@pytest.mark.parametrize("engine", [NumpyEngine, CompiledEngine], ids=lambda engine: engine.name)
@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("place", [0, 2000])
def test_the_layer_where_validation_overflows_is_named(layer: int, place: int, engine: EngineMaker) -> None:
    """Parameters and training are finite; one validation row, in whichever pass, is too large for one layer."""
    hidden = ({"units": 4, "activation": "identity"}, {"units": 4, "activation": "identity"})
    definition = definition_for("absolute_error", hidden=hidden)
    training = Samples(np.zeros((4, 3)), np.zeros((4, 2)))
    start = Trainer(definition, training).parameters
    for number, weights in enumerate(start.weights):
        weights[:] = 1e307 if number == layer else 1
    validation = Samples(np.zeros((2001, 3)), np.zeros((2001, 2)))
    validation.inputs[place] = 100
    trainer = Trainer(definition, training, validation, start=start, engine=engine)
    trainer.advance(1)
    assert trainer.diverged is not None
    assert (trainer.diverged.epoch, trainer.diverged.layer) == (1, layer + 1)
    assert "Lower the learning rate" in trainer.diverged.sentence


def test_a_loss_that_overflows_is_the_output_layers() -> None:
    definition = definition_for("squared_error", hidden=({"units": 4, "activation": "tanh"},))
    trainer = Trainer(definition, Samples(np.ones((2, 3)), np.full((2, 2), 1e200)))
    trainer.advance(1)
    assert trainer.diverged is not None
    assert (trainer.diverged.epoch, trainer.diverged.layer) == (1, 2)


def test_clipping_saves_what_would_diverge() -> None:
    wild, clipped = (
        diverging(
            hidden=({"units": 4, "activation": "relu"},),
            optimizer={"name": "sgd", "learning_rate": 1.0},
            regularization={"max_gradient_norm": limit},
        )
        for limit in (None, 0.01)
    )
    wild.advance(100_000)
    clipped.advance(100_000)
    assert wild.stop_reason == "diverged"
    assert clipped.stop_reason == "epochs_done"
