import numpy as np
import pytest

from deltarule.backprop.definition import Regularization
from deltarule.backprop.parameters import Parameters, layout
from deltarule.backprop.regularization import clip, penalize, penalty
from tests.backprop.making import definition_for


def parameters(value: float) -> Parameters:
    made = Parameters(layout(definition_for("squared_error").network, 3))
    made.vector[:] = value
    return made


def test_penalties_are_on_weights_and_never_on_biases() -> None:
    gradient = parameters(1.0)
    penalize(gradient, parameters(-2.0), Regularization(l1=0.1, l2=0.01), np.empty(26))
    for weights, biases in zip(gradient.weights, gradient.biases, strict=True):
        np.testing.assert_allclose(weights, 1 - 0.1 - 0.02)
        assert biases is not None
        np.testing.assert_array_equal(biases, 1)


def test_the_penalty_is_l1_times_the_sum_and_half_l2_times_the_squares() -> None:
    weights = 3 * 4 + 4 * 2
    assert penalty(parameters(-2.0), Regularization(l1=0.1)) == pytest.approx(0.1 * 2 * weights)
    assert penalty(parameters(-2.0), Regularization(l2=0.1)) == pytest.approx(0.5 * 0.1 * 4 * weights)
    assert penalty(parameters(-2.0), Regularization()) == 0


def test_a_weight_of_zero_has_no_absolute_penalty() -> None:
    gradient = parameters(0.0)
    penalize(gradient, parameters(0.0), Regularization(l1=0.1), np.empty(26))
    assert not gradient.vector.any()


def test_clipping_bounds_the_norm_and_keeps_the_direction() -> None:
    gradient = np.array([3.0, -4.0])
    clip(gradient, 1.0)
    np.testing.assert_allclose(gradient, [0.6, -0.8], rtol=1e-6)
    assert np.linalg.norm(gradient) <= 1


def test_a_short_gradient_is_left_alone() -> None:
    gradient = np.array([0.3, -0.4])
    clip(gradient, 1.0)
    assert gradient.tolist() == [0.3, -0.4]
