import pytest

from deltarule.backprop.architecture import Layer
from deltarule.backprop.definition import Definition, Regularization, Sgd
from deltarule.training.remedies import better_start, bounded_steps, one_of, shallower, smaller_steps
from tests.backprop.making import definition_for


def test_remedies_are_alternatives() -> None:
    assert one_of("a", "", "b") == "a, or b"
    assert one_of("") == ""


def test_steps_can_be_smaller_and_bounded() -> None:
    definition = definition_for("squared_error", optimizer=Sgd(learning_rate=3))

    assert smaller_steps(definition) == "a learning rate well below 3, or a bound on the gradient (max_gradient_norm)"


def test_a_bound_that_is_there_is_not_advised() -> None:
    definition = definition_for("squared_error", regularization=Regularization(max_gradient_norm=1))

    assert bounded_steps(definition) == ""
    assert smaller_steps(definition) == "a learning rate well below 0.001"


def begun(**layer: object) -> Definition:
    """A network whose only hidden layer begins so."""
    return definition_for("squared_error", hidden=[{"units": 2, "activation": "relu", **layer}])


@pytest.mark.parametrize(
    "layer",
    [{}, {"initializer": "lecun_uniform"}, {"initializer": "orthogonal"}, {"biases": [0, 0]}],
    ids=str,
)
def test_a_start_in_order_needs_no_better_one(layer: dict[str, object]) -> None:
    assert better_start(begun(**layer), standardized=True, continued=False) == ""


@pytest.mark.parametrize(
    "layer",
    [{"initializer": "normal"}, {"initializer": "zeros"}, {"biases": [0, -9]}, {"weights": [[1, 2, 3], [4, 5, 6]]}],
    ids=str,
)
def test_a_start_of_ones_own_can_be_smaller(layer: dict[str, object]) -> None:
    told = better_start(begun(**layer), standardized=True, continued=False)

    assert told == 'smaller initial weights (the initializer "auto") and biases of 0'


def test_features_that_are_not_standardized_come_first() -> None:
    assert better_start(begun(), standardized=False, continued=False) == "standardized features"
    assert better_start(begun(initializer="normal"), False, False).startswith("standardized features, or smaller")


def test_the_weights_of_a_model_are_no_choice_of_the_layers() -> None:
    told = better_start(begun(initializer="normal"), standardized=True, continued=True)

    assert told == "other weights than those of the model that it goes on from"


def test_depth_and_weights_of_zero_are_told_apart() -> None:
    assert shallower(from_nothing=False).endswith("fewer layers")
    assert "weights of 0" in shallower(from_nothing=True)


def test_what_is_advised_by_name_exists() -> None:
    """A remedy is only as good as the field of a job that it names."""
    assert "max_gradient_norm" in Regularization.model_fields
    assert Layer(initializer="auto").initializer == "auto"
