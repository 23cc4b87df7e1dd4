import math
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.definition import Definition, Network
from deltarule.backprop.errors import SamplesError
from deltarule.backprop.gradient import MeanLoss
from deltarule.backprop.network import predict
from deltarule.backprop.parameters import Parameters
from deltarule.backprop.trainer import Samples, Trainer, epochs
from tests.backprop.making import definition_for, samples_for, train

SAMPLES = samples_for("squared_error")


def linear(weights: list[list[float]], **parts: Any) -> Definition:  # noqa: ANN401
    """One layer without biases and activation: what a step does can be told by hand."""
    output = {"weights": weights, "bias": False}
    columns = {"inputs": len(weights[0]), "outputs": len(weights)}
    return definition_for("half_squared_error", hidden=(), output=output, **columns, **parts)


def loss_after(definition: Definition, parameters: Parameters, samples: Samples) -> float:
    return MeanLoss(definition, parameters.layout)(parameters, samples)


def test_two_steps_by_hand() -> None:
    """w = 1, samples (1, 2) and (2, 1) one by one: gradients (w - 2) and 2 (2 w - 1), rate 0.1."""
    definition = linear(
        [[1.0]],
        optimizer={"name": "sgd", "learning_rate": 0.1},
        training={"epochs": 1, "batch_size": 1, "shuffle": False},
    )
    trainer, (epoch,) = train(definition, Samples(np.array([[1.0], [2.0]]), np.array([[2.0], [1.0]])))
    first, second = 1.0, 1.1
    assert epoch.training_loss == pytest.approx((0.5 * (first - 2) ** 2 + 0.5 * (2 * second - 1) ** 2) / 2)
    assert epoch.gradient_norm == pytest.approx([(abs(first - 2) + abs(2 * (2 * second - 1))) / 2])
    assert trainer.parameters.vector == pytest.approx([second - 0.1 * 2 * (2 * second - 1)])


def test_epochs_advance_and_positions() -> None:
    trainer = Trainer(definition_for("squared_error", training={"epochs": 3, "batch_size": 5}), SAMPLES)
    assert (trainer.engine, trainer.batches_per_epoch, trainer.finished, trainer.stop_reason) == (
        "numpy",
        3,
        False,
        None,
    )
    first, second, third = trainer.advance(2), trainer.advance(4), trainer.advance(100)
    assert [epoch.number for epoch in first.epochs] == []
    assert [epoch.number for epoch in second.epochs] == [1, 2]
    assert [epoch.number for epoch in third.epochs] == [3]
    assert [(one.epoch, one.batch, one.samples) for one in (first, second, third)] == [
        (0, 2, 10),
        (2, 0, 14),
        (3, 0, 12),
    ]
    assert (trainer.finished, trainer.stop_reason, trainer.diverged) == (True, "epochs_done", None)
    assert trainer.advance(1).samples == 0


def test_a_training_advances_by_at_least_a_batch() -> None:
    with pytest.raises(ValueError, match="at least one batch, not by 0"):
        Trainer(definition_for("squared_error"), SAMPLES).advance(0)


def test_losses_and_rates_are_those_of_the_epoch() -> None:
    definition = definition_for(
        "squared_error",
        schedule={"name": "exponential", "decay": 0.5},
        optimizer={"name": "adam", "learning_rate": 0.01},
        training={"epochs": 3, "batch_size": "full"},
    )
    trainer, validation = Trainer(definition, SAMPLES, SAMPLES), []
    losses = [loss_after(definition, trainer.parameters, SAMPLES)]
    for epoch in epochs(trainer):
        assert epoch.training_loss == pytest.approx(losses[-1], rel=1e-14)
        losses.append(loss_after(definition, trainer.parameters, SAMPLES))
        validation.append((epoch.validation_loss, epoch.learning_rate))
    assert validation == [
        (pytest.approx(loss, rel=1e-14), rate) for loss, rate in zip(losses[1:], (0.01, 0.005, 0.0025), strict=True)
    ]
    assert losses == sorted(losses, reverse=True)


def test_without_validation_there_is_no_validation_loss() -> None:
    _, (epoch,) = train(definition_for("squared_error", training={"epochs": 1}), SAMPLES)
    assert epoch.validation_loss is None


def test_reported_losses_leave_penalties_out() -> None:
    plan = {"epochs": 1, "batch_size": "full"}
    plain, penalized = (
        train(definition_for("squared_error", training=plan, regularization=rule), SAMPLES, SAMPLES)[1][0]
        for rule in ({}, {"l1": 0.5, "l2": 0.5})
    )
    assert plain.training_loss == penalized.training_loss
    assert plain.gradient_norm == penalized.gradient_norm
    assert plain.validation_loss != penalized.validation_loss


def overfitting() -> tuple[Definition, Samples, Samples]:
    """A linear model that starts at the validation samples' truth and is trained away from it."""
    inputs = np.ones((4, 1))
    definition = linear(
        [[1.0]],
        optimizer={"name": "sgd", "learning_rate": 0.1},
        training={"epochs": 50, "batch_size": "full", "early_stopping": {"patience": 3}},
    )
    return definition, Samples(inputs, 2 * inputs), Samples(inputs, 1.2 * inputs)


def test_early_stopping_restores_the_best() -> None:
    definition, training, validation = overfitting()
    trainer, done = train(definition, training, validation)
    losses = [epoch.validation_loss for epoch in done]
    assert trainer.stop_reason == "early_stopping"
    assert trainer.best_epoch == 1 + int(np.argmin(losses))
    assert len(done) == trainer.best_epoch + 3
    assert loss_after(definition, trainer.result, validation) == pytest.approx(min(losses))
    np.testing.assert_array_equal(trainer.result.vector, trainer.best.vector)
    assert (trainer.parameters.vector != trainer.best.vector).all()


def test_the_best_is_restored_only_when_asked_for() -> None:
    definition, training, validation = overfitting()
    for rule in ({"patience": 3, "restore_best": False}, None):
        plan = definition.training.model_copy(
            update={"early_stopping": rule and type(definition.training.early_stopping)(**rule)}
        )
        trainer, done = train(definition.model_copy(update={"training": plan}), training, validation)
        assert len(done) == (50 if rule is None else trainer.best_epoch + 3)
        assert trainer.best_epoch == 2
        np.testing.assert_array_equal(trainer.result.vector, trainer.parameters.vector)


def test_early_stopping_may_watch_the_training_loss() -> None:
    definition = definition_for(
        "squared_error",
        optimizer={"name": "sgd", "learning_rate": 1e-9},
        training={"epochs": 50, "early_stopping": {"monitor": "training_loss", "patience": 2, "minimum_delta": 0.1}},
    )
    trainer, done = train(definition, SAMPLES)
    assert (trainer.stop_reason, len(done), trainer.best_epoch) == ("early_stopping", 3, 1)


def test_reduce_on_plateau_follows_the_loss() -> None:
    """A rate that is too small for the loss to fall by its threshold is reduced after each patience."""
    definition = definition_for(
        "squared_error",
        optimizer={"name": "sgd", "learning_rate": 1e-9},
        schedule={"name": "reduce_on_plateau", "patience": 1, "factor": 0.5, "minimum": 2e-10},
        training={"epochs": 10},
    )
    _, done = train(definition, SAMPLES)
    assert [epoch.learning_rate / 1e-9 for epoch in done] == pytest.approx(
        [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]
    )


def test_a_training_may_start_from_given_parameters() -> None:
    definition = definition_for("squared_error", training={"epochs": 2})
    first, _ = train(definition, SAMPLES)
    start = first.result
    again = Trainer(definition, SAMPLES, start=start)
    np.testing.assert_array_equal(again.result.vector, start.vector)
    again.advance(10)
    assert (again.parameters.vector != start.vector).any()
    np.testing.assert_array_equal(first.result.vector, start.vector)


def test_a_start_of_another_layout_is_refused() -> None:
    start = Trainer(definition_for("squared_error", hidden=()), SAMPLES).parameters
    with pytest.raises(ValueError, match="another layout"):
        Trainer(definition_for("squared_error"), SAMPLES, start=start)


def test_a_definition_that_is_not_resolved_is_refused() -> None:
    definition = definition_for("squared_error")
    network = Network(layers=({"units": 3}, {}))
    with pytest.raises(ValueError, match="call `resolve`"):
        Trainer(definition.model_copy(update={"network": network}), SAMPLES)


def test_samples_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SamplesError):
        Trainer(definition_for("squared_error"), Samples(np.ones(3), np.ones(3)))
    with pytest.raises(SamplesError):
        Trainer(definition_for("squared_error"), SAMPLES, Samples(np.ones((0, 3)), np.ones((0, 2))))


def test_the_seed_settles_everything() -> None:
    def final(seed: int) -> Parameters:
        hidden = ({"units": 4, "dropout": 0.3},)
        plan = {"epochs": 3, "batch_size": 4, "seed": seed}
        return train(definition_for("squared_error", hidden=hidden, training=plan), SAMPLES)[0].result

    np.testing.assert_array_equal(final(1).vector, final(1).vector)
    assert (final(1).vector != final(2).vector).any()


def test_float32_stays_near_float64() -> None:
    results = [
        train(definition_for("cross_entropy", dtype=dtype, training={"epochs": 20}), samples_for("cross_entropy"))
        for dtype in ("float32", "float64")
    ]
    (single, single_epochs), (double, double_epochs) = results
    assert single.result.vector.dtype == np.float32
    np.testing.assert_allclose(single.result.vector, double.result.vector, rtol=1e-4, atol=1e-5)
    assert single_epochs[-1].training_loss == pytest.approx(double_epochs[-1].training_loss, rel=1e-5)


def test_what_the_trainer_answers_is_a_copy() -> None:
    trainer = Trainer(definition_for("squared_error"), SAMPLES)
    for answer in (trainer.parameters, trainer.best, trainer.result):
        answer.vector[:] = math.nan
    assert np.isfinite(trainer.parameters.vector).all()


def test_dropout_trains_a_network_that_predicts_without_it() -> None:
    """One in two hidden units is dropped, and the sine is learned all the same."""
    x = np.linspace(-3, 3, 200)[:, None]
    definition = definition_for(
        "squared_error",
        hidden=({"units": 64, "activation": "tanh", "dropout": 0.5},),
        inputs=1,
        outputs=1,
        optimizer={"name": "adam", "learning_rate": 0.02},
        training={"epochs": 150},
    )
    trainer, _ = train(definition, Samples(x, np.sin(x)))
    assert np.mean((predict(definition.network, trainer.result, x) - np.sin(x)) ** 2) < 0.05
