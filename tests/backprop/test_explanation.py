import json
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import NotFiniteError, SamplesError
from deltarule.backprop.explanation import Explanation, explain
from deltarule.backprop.network import predict
from deltarule.backprop.trainer import Samples, Trainer
from tests.backprop.making import definition_for, samples_for


def sigmoid(weights: list[list[float]], biases: list[float] | None = None) -> dict[str, Any]:
    return {"activation": "sigmoid", "bias": biases is not None, "weights": weights, "biases": biases}


def definition(layers: list[dict[str, Any]], loss: str) -> Definition:
    given = {"network": {"layers": layers}, "loss": {"name": loss}, "optimizer": {"name": "sgd", "learning_rate": 0.5}}
    return Definition.model_validate(given).resolve(2, len(layers[-1]["weights"]))


def test_the_first_worked_example() -> None:
    """2-2-3-1, sigmoid without biases, log loss: 0.6718 before, 0.7043 after one step."""
    first, second = [[0.7, -0.6], [0.4, 0.8]], [[0.4, 0.4], [-1.0, 1.0], [-0.2, 0.2]]
    layers = [sigmoid(first), sigmoid(second), sigmoid([[0.2, 0.3, 0.9]])]
    answer = explain(definition(layers, "log_loss"), [[1, 0]], [[1]])
    assert round(answer.forward[-1].activations[0][0], 4) == 0.6718
    assert round(answer.after.outputs[0][0], 4) == 0.7043
    assert answer.loss == pytest.approx(-np.log(answer.forward[-1].activations[0][0]), rel=1e-14)
    assert answer.backward[-1].deltas[0][0] == pytest.approx(answer.forward[-1].activations[0][0] - 1, rel=1e-14)
    assert all(layer.bias_gradients is None for layer in answer.backward)
    assert answer.gradient_check < 1e-7


def test_the_second_worked_example() -> None:
    """2-2-2, sigmoid with biases, half squared error (M. Mazur's example)."""
    layers = [
        sigmoid([[0.15, 0.20], [0.25, 0.30]], [0.35, 0.35]),
        sigmoid([[0.40, 0.45], [0.50, 0.55]], [0.60, 0.60]),
    ]
    answer = explain(definition(layers, "half_squared_error"), [[0.05, 0.10]], [[0.01, 0.99]])
    assert [round(number, 8) for number in answer.forward[-1].activations[0]] == [0.75136507, 0.77292847]
    assert round(answer.loss, 8) == 0.29837111
    first, second = (np.round(layer.weights, 8).tolist() for layer in answer.update)
    assert first == [[0.14978072, 0.19956143], [0.24975114, 0.29950229]]
    assert second == [[0.35891648, 0.40866619], [0.51130127, 0.56137012]]
    assert answer.after.loss < answer.loss
    assert answer.gradient_check < 1e-7


def explained(**parts: Any) -> tuple[Definition, Samples, Explanation]:  # noqa: ANN401
    given, samples = definition_for("squared_error", dtype="float64", **parts), samples_for("squared_error", rows=5)
    return given, samples, explain(given, samples.inputs, samples.targets)


def test_gradients_are_means_of_what_each_sample_says() -> None:
    _, samples, answer = explained()
    below = (samples.inputs, np.array(answer.forward[0].activations))
    for layer, inputs in zip(answer.backward, below, strict=True):
        deltas = np.array(layer.deltas)
        np.testing.assert_allclose(layer.weight_gradients, deltas.T @ inputs / 5, rtol=1e-12)
        np.testing.assert_allclose(layer.bias_gradients, deltas.mean(axis=0), rtol=1e-12)
        both = np.concatenate([np.ravel(layer.weight_gradients), np.ravel(layer.bias_gradients)])
        assert layer.gradient_norm == pytest.approx(np.linalg.norm(both), rel=1e-12)


@pytest.mark.parametrize(
    "parts",
    [
        {"optimizer": {"name": "adam"}},
        {"optimizer": {"name": "nadam"}, "schedule": {"name": "exponential", "warmup_epochs": 4}},
        {"optimizer": {"name": "sgd"}, "regularization": {"l1": 0.1, "l2": 0.1, "max_gradient_norm": 0.01}},
    ],
)
def test_the_step_is_the_trainers_first(parts: dict[str, Any]) -> None:
    given, samples, answer = explained(training={"batch_size": "full"}, **parts)
    trainer = Trainer(given, samples)
    (epoch,) = trainer.advance(1).epochs
    assert answer.loss == epoch.training_loss
    assert tuple(layer.gradient_norm for layer in answer.backward) == epoch.gradient_norm
    for layer, weights, biases in zip(
        answer.update, trainer.parameters.weights, trainer.parameters.biases, strict=True
    ):
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_array_equal(layer.biases, biases)
    np.testing.assert_allclose(answer.after.outputs, predict(given.network, trainer.parameters, samples.inputs))


def test_a_trained_networks_parameters_may_be_given_and_stay_as_they_are() -> None:
    given, samples = definition_for("squared_error", dtype="float32"), samples_for("squared_error")
    trainer = Trainer(given, samples)
    trainer.advance(50)
    parameters = trainer.parameters
    before = parameters.vector.copy()
    answer = explain(given, samples.inputs, samples.targets, parameters)
    outputs = predict(given.network, parameters, samples.inputs)
    np.testing.assert_allclose(answer.forward[-1].activations, outputs, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(parameters.vector, before)


def test_dropout_is_left_out() -> None:
    hidden = {"units": 4, "activation": "tanh"}
    assert explained(hidden=({**hidden, "dropout": 0.5},))[2] == explained(hidden=(hidden,))[2]


def test_an_explanation_is_plain_json() -> None:
    _, _, answer = explained()
    assert Explanation.model_validate_json(answer.model_dump_json()) == answer
    fields = {"forward", "loss", "backward", "update", "after", "gradient_check"}
    assert fields <= json.loads(answer.model_dump_json()).keys()


def test_the_answer_says_where_the_step_starts_and_how_long_it_is() -> None:
    given, samples, answer = explained(
        optimizer={"name": "sgd", "learning_rate": 0.1}, schedule={"name": "constant", "warmup_epochs": 3}
    )
    assert answer.optimizer == given.optimizer
    assert answer.learning_rate == pytest.approx(0.1 / 4)
    np.testing.assert_array_equal(answer.inputs, samples.inputs)
    np.testing.assert_array_equal(answer.targets, samples.targets)
    for start, back, moved in zip(answer.layers, answer.backward, answer.update, strict=True):
        step = np.multiply(back.weight_gradients, answer.learning_rate)
        np.testing.assert_allclose(moved.weights, np.array(start.weights) - step, rtol=1e-12)
        assert start.units == len(start.weights)
    assert [layer.activation for layer in answer.layers] == ["tanh", "identity"]


def test_the_loss_is_the_mean_of_the_samples_losses() -> None:
    _, samples, answer = explained()
    errors = np.array(answer.forward[-1].activations) - samples.targets
    np.testing.assert_allclose(answer.sample_losses, np.mean(errors**2, axis=1), rtol=1e-12)
    assert answer.loss == pytest.approx(np.mean(answer.sample_losses), rel=1e-14)


def test_deltas_are_the_activation_gradients_pulled_back() -> None:
    _, samples, answer = explained()
    hidden, output = answer.backward
    outputs, activations = (np.array(answer.forward[layer].activations) for layer in (1, 0))
    np.testing.assert_allclose(output.activation_gradients, outputs - samples.targets, rtol=1e-12)
    by_activation = np.array(output.deltas) @ np.array(answer.layers[1].weights)
    np.testing.assert_allclose(hidden.activation_gradients, by_activation, rtol=1e-12)
    np.testing.assert_allclose(hidden.deltas, by_activation * (1 - activations**2), rtol=1e-12)
    for layer in answer.backward:
        assert layer.delta_norm == pytest.approx(np.linalg.norm(layer.deltas), rel=1e-14)


def test_a_saturated_output_has_a_delta_but_no_gradient_by_its_activation() -> None:
    answer = explain(definition([sigmoid([[400.0, 400.0]])], "log_loss"), [[1, 1]], [[0]])
    assert answer.backward[0].activation_gradients is None
    assert answer.backward[0].deltas == ((1.0,),)
    assert answer.sample_losses == (800.0,)


def test_nothing_is_checked_where_every_parameter_sits_on_a_kink() -> None:
    given = {"network": {"layers": [{"weights": [[1.0]]}]}, "loss": {"name": "absolute_error"}}
    answer = explain(Definition.model_validate(given).resolve(1, 1), [[1]], [[1]])
    assert answer.gradient_check is None
    assert (answer.gradients_checked, answer.gradients_at_kinks) == (0, 2)


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [
        ([[1, 2], [3]], [[1], [2]]),
        ([], []),
        ([[1, 2]], [[1], [2]]),
        ([[1, 2]], [["x"]]),
        ([1, 2], [1]),
        ([[1, 1]], [[3]]),
        (1, 1),
        ([[]], [[1]]),
        ([[1, 2, 3]], [[1]]),
    ],
)
def test_rows_that_do_not_fit_are_refused(inputs: Any, targets: Any) -> None:  # noqa: ANN401
    with pytest.raises(SamplesError):
        explain(definition([sigmoid([[1.0, 1.0]])], "log_loss"), inputs, targets)


def test_a_single_weight_is_not_spread_over_more_inputs_than_it_was_given_for() -> None:
    given = Definition.model_validate({"network": {"layers": [sigmoid([[0.5]])]}, "loss": {"name": "log_loss"}})
    with pytest.raises(SamplesError, match=r"shape \(1, 3\); this network takes n × 1"):
        explain(given.resolve(1, 1), [[1, 2, 3]], [[1]])


def test_a_trained_networks_rows_must_be_its_own() -> None:
    given, samples = definition_for("squared_error"), samples_for("squared_error")
    parameters = Trainer(given, samples).parameters
    with pytest.raises(SamplesError, match="4 inputs in a row; this network takes 3"):
        explain(given, np.ones((2, 4)), samples.targets[:2], parameters)


def test_numbers_too_large_to_explain_are_refused() -> None:
    given = definition_for("squared_error", hidden=(), output={"weights": [[1e200] * 3] * 2})
    with pytest.raises(NotFiniteError, match="float64's range"):
        explain(given, [[1e200] * 3], [[0, 0]])
