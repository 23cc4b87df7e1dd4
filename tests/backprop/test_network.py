import numpy as np
import pytest

from deltarule.backprop.network import ROWS_AT_ONCE, forward, predict
from deltarule.backprop.parameters import initial_parameters
from tests.backprop.making import definition_for


def test_forward_by_hand() -> None:
    """Two inputs, one relu layer of two units, one identity output: every number can be followed."""
    definition = definition_for(
        "squared_error",
        hidden=({"activation": "relu", "weights": [[1.0, 2.0], [-1.0, 0.5]], "biases": [0.5, 0.0]},),
        output={"weights": [[2.0, -3.0]], "biases": [1.0]},
        inputs=2,
        outputs=1,
    )
    trace = forward(
        definition.network, initial_parameters(definition.network, 2, 0), np.array([[1.0, 1.0], [-2.0, 4.0]])
    )
    assert trace.net_inputs[0].tolist() == [[3.5, -0.5], [6.5, 4.0]]
    assert trace.activations[0].tolist() == [[3.5, 0.0], [6.5, 4.0]]
    assert trace.outputs.tolist() == [[8.0], [2.0]]


@pytest.mark.parametrize("rows", [0, 1, 5, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 7])
def test_predictions_do_not_depend_on_how_many_are_asked_for(rows: int) -> None:
    definition = definition_for("cross_entropy", dtype="float64")
    parameters = initial_parameters(definition.network, 3, 0)
    inputs = np.random.default_rng(0).standard_normal((rows, 3))
    outputs = predict(definition.network, parameters, inputs)
    assert outputs.shape == (rows, 2)
    np.testing.assert_allclose(outputs, forward(definition.network, parameters, inputs).outputs, rtol=1e-13)


def test_dropout_is_off_in_prediction() -> None:
    plain, dropping = (
        definition_for("squared_error", hidden=({"units": 4, "activation": "tanh", "dropout": rate},))
        for rate in (0.0, 0.9)
    )
    parameters = initial_parameters(plain.network, 3, 0)
    inputs = np.random.default_rng(0).standard_normal((20, 3))
    outputs = (predict(definition.network, parameters, inputs) for definition in (plain, dropping))
    np.testing.assert_array_equal(*outputs)


def test_predictions_have_the_dtype_of_the_network_and_overflow_without_a_warning() -> None:
    definition = definition_for("squared_error", dtype="float32")
    parameters = initial_parameters(definition.network, 3, 0)
    parameters.weights[-1][:] = 3e38
    outputs = predict(definition.network, parameters, np.ones((1, 3)))
    assert outputs.dtype == np.float32
    assert not np.isfinite(outputs).all()
    parameters.weights[-1][:] = 1
    beyond = predict(definition.network, parameters, np.array([[1e300, -1e300, 0.0]]))
    assert not np.isfinite(beyond).all()
