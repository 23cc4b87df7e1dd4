import numpy as np
import pytest

from deltarule.backprop.parameters import Parameters, initial_parameters, layout
from tests.backprop.making import definition_for

HIDDEN = ({"units": 4, "activation": "tanh"}, {"units": 5, "activation": "relu", "bias": False})


def test_views_look_into_the_vector_layer_after_layer() -> None:
    shape = layout(definition_for("squared_error", hidden=HIDDEN).network, 3)
    parameters = Parameters(shape, np.arange(shape.size, dtype=float))
    assert shape.size == (3 * 4 + 4) + 4 * 5 + (5 * 2 + 2)
    assert [weights.shape for weights in parameters.weights] == [(4, 3), (5, 4), (2, 5)]
    assert parameters.weights[0][1].tolist() == [3, 4, 5]
    assert parameters.biases[0] is not None
    assert parameters.biases[0].tolist() == [12, 13, 14, 15]
    assert parameters.biases[1] is None
    assert [layer.size for layer in parameters.layers] == [16, 20, 12]
    parameters.weights[1][0, 0] = -1
    assert parameters.vector[16] == -1


def test_a_copy_stands_by_itself() -> None:
    parameters = Parameters(layout(definition_for("squared_error").network, 3))
    parameters.copy().vector[0] = 1
    assert parameters.vector[0] == 0


@pytest.mark.parametrize("vector", [np.zeros(3), np.zeros(26, np.float32), np.zeros((26, 1))])
def test_a_vector_that_does_not_fit_is_refused(vector: np.ndarray) -> None:
    shape = layout(definition_for("squared_error").network, 3)
    assert shape.size == 26
    with pytest.raises(ValueError, match="26 parameters of float64"):
        Parameters(shape, vector)


def test_given_weights_and_biases_are_where_training_starts() -> None:
    weights, biases = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [7.0, 8.0]
    network = definition_for("squared_error", hidden=(), output={"weights": weights, "biases": biases}).network
    parameters = initial_parameters(network, 3, seed=0)
    assert parameters.vector.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_what_is_not_given_comes_from_the_initializer_and_the_seed() -> None:
    network = definition_for("squared_error", hidden=HIDDEN).network
    first, again, other = (initial_parameters(network, 3, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.vector, again.vector)
    assert (first.weights[0] != other.weights[0]).all()
    assert (first.weights[1] != 0).all()
    assert first.biases[0] is not None
    assert not first.biases[0].any()


def test_both_dtypes_start_from_the_same_weights() -> None:
    double, single = (
        initial_parameters(definition_for("squared_error", dtype=dtype).network, 3, 0).vector
        for dtype in ("float64", "float32")
    )
    np.testing.assert_array_equal(double.astype(np.float32), single)
