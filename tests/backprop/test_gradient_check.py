"""Every derivative is proven numerically, and the proof is shown to notice a wrong one."""

from dataclasses import replace

import numpy as np
import pytest

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.definition import ActivationName, LossName
from deltarule.backprop.gradient_check import GradientCheck, check
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.parameters import initial_parameters
from deltarule.backprop.samples import Samples
from tests.backprop.making import ACTIVATION_NAMES, LOSS_NAMES, definition_for, pairs, samples_for

AGREEMENT = 1e-6
REGULARIZATIONS: list[dict[str, float]] = [{}, {"l1": 0.03}, {"l2": 0.2}, {"l1": 0.03, "l2": 0.2}]


def assert_agrees(answer: GradientCheck) -> None:
    assert answer.relative_difference < AGREEMENT, answer


@pytest.mark.parametrize("regularization", REGULARIZATIONS, ids=str)
@pytest.mark.parametrize(("loss", "output"), list(pairs()))
def test_every_loss_with_every_output(loss: LossName, output: ActivationName, regularization: dict[str, float]) -> None:
    hidden = ({"units": 3, "activation": "tanh"},)
    definition = definition_for(loss, hidden=hidden, output={"activation": output}, regularization=regularization)
    assert_agrees(check(definition, samples_for(loss)))


@pytest.mark.parametrize("regularization", REGULARIZATIONS, ids=str)
@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_hidden_activation_with_every_loss(
    activation: ActivationName, loss: LossName, regularization: dict[str, float]
) -> None:
    hidden = ({"units": 4, "activation": activation}, {"units": 3, "activation": activation, "bias": False})
    assert_agrees(check(definition_for(loss, hidden=hidden, regularization=regularization), samples_for(loss)))


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_weighted_samples_and_dropout(loss: LossName) -> None:
    hidden = ({"units": 6, "activation": "silu", "dropout": 0.5}, {"units": 5, "activation": "softmax", "dropout": 0.2})
    samples = replace(samples_for(loss), weights=np.random.default_rng(0).random(12) * 9)
    assert_agrees(check(definition_for(loss, hidden=hidden), samples))


@pytest.mark.parametrize("wrong", [0.999, -1.0])
def test_a_wrong_derivative_is_noticed(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ACTIVATIONS["tanh"]

    def pull_back(z: np.ndarray, a: np.ndarray, delta: np.ndarray, scratch: np.ndarray) -> None:
        right.pull_back(z, a, delta, scratch)
        delta *= wrong

    monkeypatch.setitem(ACTIVATIONS, "tanh", replace(right, pull_back=pull_back))
    answer = check(definition_for("squared_error"), samples_for("squared_error"))
    assert answer.relative_difference > 1e-4
    assert answer.parameter < 16
    np.testing.assert_allclose(answer.backpropagated, wrong * answer.numerical, rtol=1e-4)


def test_a_wrong_gradient_of_a_loss_with_a_kink_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(LOSSES["absolute_error"], gradient=lambda o, y: 1.01 * np.sign(o - y) / o.shape[1])
    monkeypatch.setitem(LOSSES, "absolute_error", wrong)
    assert check(definition_for("absolute_error"), samples_for("absolute_error")).relative_difference > 1e-3


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "selu"])
def test_at_a_kink_there_is_nothing_to_compare(activation: str) -> None:
    """Inputs and biases of 0: every net input of the hidden layer is exactly 0, and only its biases can move them."""
    definition = definition_for("squared_error", hidden=({"units": 4, "activation": activation},))
    answer = check(definition, Samples(np.zeros((2, 3)), np.ones((2, 2))))
    assert_agrees(answer)
    assert (answer.checked, answer.at_kinks) == (26 - 4, 4)


def test_a_kink_nearby_does_not_disturb() -> None:
    """Net inputs of 1e-6, a sixth of the first step away from the relu's kink."""
    definition = definition_for("squared_error", hidden=({"units": 4, "activation": "relu"},))
    parameters = initial_parameters(definition.network, 3, 0)
    assert parameters.biases[0] is not None
    parameters.biases[0][:] = [1e-6, -1e-6, 1e-6, -1e-6]
    answer = check(definition, Samples(np.zeros((2, 3)), np.ones((2, 2))), parameters)
    assert_agrees(answer)
    assert answer.at_kinks == 0


def test_large_networks_are_checked_in_places_spread_over_all_layers() -> None:
    definition = definition_for("squared_error", hidden=({"units": 40, "activation": "tanh"},))
    answer = check(definition, samples_for("squared_error"), at_most=50)
    assert answer.checked == 50
    assert_agrees(answer)
