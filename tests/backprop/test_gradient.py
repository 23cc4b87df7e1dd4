import numpy as np
import pytest

from deltarule.backprop.gradient import LossGradient, MeanLoss
from deltarule.backprop.network import NUMBERS_AT_ONCE, ROWS_AT_ONCE, rows_at_once
from deltarule.backprop.parameters import initial_parameters, layout
from deltarule.backprop.samples import Samples
from tests.backprop.making import definition_for, samples_for


def test_a_gradient_by_hand() -> None:
    """o = 2 x + 1 for x = 1 and 3, targets 0 and 4, ½ (o - y)²: errors 3 and 3, gradients 3·1 and 3·3, bias 3 and 3."""
    output = {"weights": [[2.0]], "biases": [1.0]}
    definition = definition_for("half_squared_error", hidden=(), output=output, inputs=1, outputs=1)
    shape = layout(definition.network, 1)
    gradient, parameters = LossGradient(definition, shape), initial_parameters(definition.network, 1, 0)
    batch = Samples(np.array([[1.0], [3.0]]), np.array([[0.0], [4.0]]))
    assert gradient.forward(parameters, batch, step=0) == 9.0
    gradient.backward(parameters, batch)
    assert gradient.gradient.vector.tolist() == [6.0, 3.0]

    weighted = Samples(batch.inputs, batch.targets, np.array([0.5, 1.5]))
    assert gradient.forward(parameters, weighted, step=0) == 9.0
    gradient.backward(parameters, weighted)
    assert gradient.gradient.vector.tolist() == [0.5 * 3 / 2 + 1.5 * 9 / 2, 3.0]


@pytest.mark.parametrize("rows", [1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE + 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_mean_loss_of_any_number_of_rows(rows: int, weighted: bool) -> None:
    definition, samples = definition_for("cross_entropy"), samples_for("cross_entropy", rows=rows)
    if weighted:
        samples = Samples(samples.inputs, samples.targets, np.random.default_rng(0).random(rows))
    shape = layout(definition.network, 3)
    parameters = initial_parameters(definition.network, 3, 0)
    whole = LossGradient(definition, shape).forward(parameters, samples, step=0) / rows
    assert MeanLoss(definition, shape)(parameters, samples) == pytest.approx(whole, rel=1e-12)


def test_dropout_belongs_to_training_alone() -> None:
    definition = definition_for("squared_error", hidden=({"units": 8, "activation": "tanh", "dropout": 0.5},))
    samples, shape = samples_for("squared_error"), layout(definition.network, 3)
    parameters, gradient = initial_parameters(definition.network, 3, 0), LossGradient(definition, shape)
    losses = {gradient.forward(parameters, samples, step=step) for step in range(4)}
    assert len(losses) == 4
    assert gradient.forward(parameters, samples, step=2) in losses
    assert MeanLoss(definition, shape)(parameters, samples) * len(samples) not in losses


def test_a_wide_network_takes_fewer_rows_at_once() -> None:
    narrow, wide = (
        layout(definition_for("squared_error", hidden=({"units": units},)).network, 3) for units in (4, 65_536)
    )
    assert rows_at_once(narrow) == ROWS_AT_ONCE
    assert rows_at_once(wide) == NUMBERS_AT_ONCE // 65_538
