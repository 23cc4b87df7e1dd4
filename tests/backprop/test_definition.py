import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from deltarule.backprop.definition import UNITS_LIMIT, Definition, Schedule
from deltarule.backprop.errors import DefinitionError, Fault
from deltarule.backprop.optimizers import OPTIMIZERS
from deltarule.backprop.resolution import ROWS_TOLD
from tests.backprop.making import ACTIVATION_NAMES, LOSS_NAMES, pairs


def definition(
    layers: list[dict[str, Any]],
    loss: str = "squared_error",
    optimizer: dict[str, Any] | None = None,
    **network: Any,  # noqa: ANN401
) -> Definition:
    given = {"network": {"layers": layers, **network}, "loss": {"name": loss}}
    return Definition.model_validate_json(json.dumps(given | ({"optimizer": optimizer} if optimizer else {})))


def faults(given: Definition, inputs: int = 3, outputs: int = 2) -> dict[str, str]:
    with pytest.raises(DefinitionError) as caught:
        given.resolve(inputs, outputs)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_resolving_fills_in_what_is_open() -> None:
    resolved = definition([{"units": 4}, {"units": 3, "activation": "tanh"}, {}]).resolve(3, 2)
    assert [layer.units for layer in resolved.network.layers] == [4, 3, 2]
    assert [layer.activation for layer in resolved.network.layers] == ["relu", "tanh", "identity"]
    assert [layer.initializer for layer in resolved.network.layers] == ["he_normal", "glorot_uniform", "glorot_uniform"]


@pytest.mark.parametrize(
    ("loss", "activation"),
    [("squared_error", "identity"), ("log_loss", "sigmoid"), ("cross_entropy", "softmax"), ("poisson", "softplus")],
)
def test_the_output_layer_takes_the_activation_that_its_loss_is_made_for(loss: str, activation: str) -> None:
    assert definition([{}], loss).resolve(3, 2).network.layers[0].activation == activation


def test_resolving_twice_changes_nothing() -> None:
    once = definition([{"units": 4, "initializer": "zeros"}, {}], initializer="he_uniform").resolve(3, 2)
    assert once.resolve(3, 2) == once
    assert Definition.model_validate_json(once.model_dump_json()) == once
    assert [layer.initializer for layer in once.network.layers] == ["zeros", "he_uniform"]


def test_given_weights_tell_the_units() -> None:
    resolved = definition([{"weights": [[1, 2, 3]] * 4}, {}]).resolve(3, 2)
    assert resolved.network.layers[0].units == 4


def test_every_fault_is_found_at_once() -> None:
    found = faults(
        definition(
            [
                {},
                {"units": 2, "bias": False, "biases": [1, 2]},
                {"units": 3, "weights": [[1, 2], [3]], "biases": [1]},
                {"units": 5, "activation": "relu", "dropout": 0.5},
            ],
            "cross_entropy",
        )
    )
    assert found.keys() == {
        "/network/layers/0/units",
        "/network/layers/1/biases",
        "/network/layers/2/weights",
        "/network/layers/2/weights/1",
        "/network/layers/2/biases",
        "/network/layers/3/units",
        "/network/layers/3/dropout",
        "/network/layers/3/activation",
    }
    assert "2, not 5" in found["/network/layers/3/units"]
    assert "sigmoid, softmax" in found["/network/layers/3/activation"]


def test_every_wrong_row_of_weights_is_told() -> None:
    found = faults(definition([{"weights": [[1, 2], [1, 2, 3], [1], [1, 2, 3, 4]]}, {}]))
    assert found.keys() == {f"/network/layers/0/weights/{row}" for row in (0, 2, 3)}
    assert "3 inputs, not 4" in found["/network/layers/0/weights/3"]


def test_thousands_of_wrong_rows_are_told_in_few_words() -> None:
    found = faults(definition([{"weights": [[1, 2, 3], *[[1.0]] * 5000]}, {}]))
    assert list(found) == [f"/network/layers/0/weights/{row}" for row in range(1, ROWS_TOLD + 2)]
    assert "This row of weights and 4899 after it" in found["/network/layers/0/weights/101"]


def test_nesterov_without_momentum_is_refused() -> None:
    assert (
        "give a momentum"
        in faults(definition([{}], optimizer={"name": "sgd", "nesterov": True}))["/optimizer/nesterov"]
    )
    assert definition([{}], optimizer={"name": "sgd", "nesterov": True, "momentum": 0.5}).resolve(3, 2)


@pytest.mark.parametrize("schedule", ["cosine", "reduce_on_plateau"])
def test_a_schedule_that_would_raise_the_rate_is_refused(schedule: str) -> None:
    def given(minimum: float) -> Definition:
        lowering = TypeAdapter(Schedule).validate_python({"name": schedule, "minimum": minimum})
        return definition([{}], optimizer={"name": "adam", "learning_rate": 0.01}).model_copy(
            update={"schedule": lowering}
        )

    assert "begins at 0.01" in faults(given(0.02))["/schedule/minimum"]
    assert given(0.01).resolve(3, 2)


def test_weights_that_float32_can_not_hold_are_refused() -> None:
    layers = [{"weights": [[1e39, 0, 0], [0, 0, 0]], "biases": [0, -1e300]}]
    assert faults(definition(layers)).keys() == {"/network/layers/0/weights", "/network/layers/0/biases"}
    assert definition(layers, dtype="float64").resolve(3, 2)


def test_weights_make_no_layer_wider_than_units_may() -> None:
    wide = definition([{"weights": [[0.0]] * (UNITS_LIMIT + 1)}, {}])
    assert faults(wide, inputs=1) == {"/network/layers/0/weights": "A layer has at most 65536 units, not 65537."}


@pytest.mark.parametrize("optimizer", [kind for kind in OPTIMIZERS if kind != "sgd"])
def test_an_epsilon_that_the_dtype_takes_for_0_is_refused(optimizer: str) -> None:
    given = {"name": optimizer, "epsilon": 1e-60}
    assert faults(definition([{}], optimizer=given)).keys() == {"/optimizer/epsilon"}
    assert definition([{}], optimizer=given, dtype="float64").resolve(3, 2)


def test_columns_are_needed() -> None:
    assert "" in faults(definition([{}]), inputs=0)
    assert "" in faults(definition([{}]), outputs=0)


def test_losses_accept_exactly_the_activations_in_their_range() -> None:
    accepted = set(pairs())
    for loss in LOSS_NAMES:
        for activation in ACTIVATION_NAMES:
            given = definition([{"activation": activation}], loss)
            if (loss, activation) in accepted:
                assert given.resolve(3, 2)
            else:
                assert faults(given).keys() == {"/network/layers/0/activation"}
    logarithms = {pair for pair in accepted if pair[0] in ("log_loss", "cross_entropy", "poisson")}
    assert logarithms == {
        ("log_loss", "sigmoid"),
        ("log_loss", "softmax"),
        ("cross_entropy", "sigmoid"),
        ("cross_entropy", "softmax"),
        ("poisson", "sigmoid"),
        ("poisson", "softmax"),
        ("poisson", "softplus"),
    }


def test_a_definition_error_speaks() -> None:
    error = DefinitionError([Fault("/network/layers/0/units", "Say how many."), Fault("", "Nothing fits.")])
    assert str(error) == "/network/layers/0/units: Say how many.; /: Nothing fits."


@pytest.mark.parametrize(
    "layer",
    [
        {"units": 0},
        {"units": "5"},
        {"units": 2.5},
        {"dropout": 1},
        {"activation": "swish"},
        {"weights": [["a"]]},
        {"x": 1},
    ],
)
def test_what_is_wrong_in_itself_is_refused(layer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        definition([layer])
