"""What may change without changing the result."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.definition import Definition
from deltarule.backprop.numerics import Array
from deltarule.backprop.parameters import Parameters
from deltarule.backprop.trainer import Samples, Trainer
from tests.backprop.making import definition_for, samples_for, train

SAMPLES = samples_for("cross_entropy")
FULL = {"epochs": 6, "batch_size": "full"}


def the_definition(**parts: Any) -> Definition:  # noqa: ANN401
    given = {"optimizer": {"name": "adam", "learning_rate": 0.05}, "training": FULL, **parts}
    return definition_for("cross_entropy", **given)


def result(definition: Definition, samples: Samples, start: Parameters | None = None) -> Array:
    trainer = Trainer(definition, samples, start=start)
    trainer.advance(1000)
    return trainer.result.vector


def assert_same(one: Array, other: Array) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def rows(samples: Samples, chosen: Array) -> Samples:
    return Samples(samples.inputs[chosen], samples.targets[chosen])


def test_the_order_within_a_batch() -> None:
    order = np.random.default_rng(0).permutation(len(SAMPLES))
    assert_same(result(the_definition(), SAMPLES), result(the_definition(), rows(SAMPLES, order)))


def test_the_order_of_features_with_their_weights() -> None:
    order, definition = [2, 0, 1], the_definition()
    start = Trainer(definition, SAMPLES).parameters
    turned = start.copy()
    turned.weights[0][:] = start.weights[0][:, order]
    given = Parameters(start.layout, result(definition, SAMPLES, start))
    answer = Parameters(start.layout, result(definition, replace(SAMPLES, inputs=SAMPLES.inputs[:, order]), turned))
    assert_same(answer.weights[0], given.weights[0][:, order])
    assert_same(answer.weights[1], given.weights[1])


def test_the_order_of_hidden_units_with_their_weights() -> None:
    order, definition = [3, 1, 0, 2], the_definition()
    start = Trainer(definition, SAMPLES).parameters
    turned = start.copy()
    turned.weights[0][:], turned.weights[1][:] = start.weights[0][order], start.weights[1][:, order]
    given = Parameters(start.layout, result(definition, SAMPLES, start))
    answer = Parameters(start.layout, result(definition, SAMPLES, turned))
    assert_same(answer.weights[0], given.weights[0][order])
    assert_same(answer.weights[1], given.weights[1][:, order])


@pytest.mark.parametrize("weight", [1.0, 0.25, 1e6])
def test_equal_weights_change_no_bit(weight: float) -> None:
    weighted = replace(SAMPLES, weights=np.full(len(SAMPLES), weight))
    plan = {"epochs": 3, "batch_size": 5}
    np.testing.assert_array_equal(
        result(the_definition(training=plan), weighted), result(the_definition(training=plan), SAMPLES)
    )


def test_a_weight_counts_like_so_many_copies() -> None:
    copies = np.arange(len(SAMPLES)) % 4
    weighted = replace(SAMPLES, weights=copies.astype(float))
    repeated = rows(SAMPLES, np.repeat(np.arange(len(SAMPLES)), copies))
    (_, one), (_, other) = (train(the_definition(), samples, samples) for samples in (weighted, repeated))
    for epoch, expected in zip(one, other, strict=True):
        assert epoch.training_loss == pytest.approx(expected.training_loss, rel=1e-12)
        assert epoch.validation_loss == pytest.approx(expected.validation_loss, rel=1e-12)
        assert epoch.gradient_norm == pytest.approx(expected.gradient_norm, rel=1e-12)
    assert_same(result(the_definition(), weighted), result(the_definition(), repeated))


def test_a_full_batch_is_a_batch_of_all_rows() -> None:
    number = the_definition(training={**FULL, "batch_size": len(SAMPLES)})
    np.testing.assert_array_equal(result(number, SAMPLES), result(the_definition(), SAMPLES))


def test_momentum_and_nadam_begin_as_plain_steps_do() -> None:
    """The first step of momentum is a plain one: its velocity begins as the first gradient."""
    once = {"epochs": 1, "batch_size": "full"}
    plain, momentum = (
        result(the_definition(optimizer={"name": "sgd", "momentum": value}, training=once), SAMPLES)
        for value in (0.0, 0.9)
    )
    np.testing.assert_array_equal(plain, momentum)
