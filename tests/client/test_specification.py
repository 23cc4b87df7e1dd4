import pytest

from deltarule.client import InvalidInput
from deltarule.client.specification import layers_from, optimizer_from, specification


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("32:relu,16:tanh", [{"units": 32, "activation": "relu"}, {"units": 16, "activation": "tanh"}, {}]),
        ("32", [{"units": 32}, {}]),
        ("32:relu:0.1,16", [{"units": 32, "activation": "relu", "dropout": 0.1}, {"units": 16}, {}]),
        (" 8:relu , softmax ", [{"units": 8, "activation": "relu"}, {"activation": "softmax"}]),
        ("identity", [{"activation": "identity"}]),
    ],
)
def test_layers_are_read_and_the_output_layer_is_added(text: str, layers: list[dict[str, object]]) -> None:
    assert layers_from(text) == layers


@pytest.mark.parametrize(
    "text", ["", "32:", "relu:32", "32:relu,,16", "-1:relu", "3.5:relu", "softmax,32", "32;16", "8:relu:0.1:2"]
)
def test_layers_of_another_form_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a layer") as error:
        layers_from(text)
    assert "32:relu,16:tanh" in str(error.value.hint)


def test_a_dropout_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'much' of '32:relu:much' is not a dropout"):
        layers_from("32:relu:much")


def test_an_optimizer_may_have_a_learning_rate() -> None:
    assert optimizer_from("adam:0.005") == {"name": "adam", "learning_rate": 0.005}
    assert optimizer_from("sgd") == {"name": "sgd"}


def test_a_learning_rate_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'fast' is not a learning rate"):
        optimizer_from("adam:fast")


def test_what_is_not_given_is_not_sent() -> None:
    assert specification(target="species", name=None, training={"epochs": None}) == {"target": "species"}


def test_what_is_given_is_written_over_the_base_and_the_rest_of_it_stays() -> None:
    base = {
        "target": "a",
        "network": {"dtype": "float64", "model_id": "m"},
        "training": {"epochs": 5, "seed": 1},
        "optimizer": {"name": "sgd"},
    }
    built = specification(base, target="b", layers="4:relu", optimizer="adam:0.1", loss="huber", training={"epochs": 9})
    assert built == {
        "target": "b",
        "network": {"dtype": "float64", "layers": [{"units": 4, "activation": "relu"}, {}]},
        "training": {"epochs": 9, "seed": 1},
        "optimizer": {"name": "adam", "learning_rate": 0.1},
        "loss": {"name": "huber"},
    }
    assert base["training"] == {"epochs": 5, "seed": 1}


def test_layers_and_optimizer_may_be_given_in_full() -> None:
    layers = [{"units": 2, "weights": [[1.0], [2.0]]}, {"units": 1}]
    built = specification(layers=layers, optimizer={"name": "sgd", "momentum": 0.9})
    assert built == {"network": {"layers": layers}, "optimizer": {"name": "sgd", "momentum": 0.9}}


def test_a_base_that_is_wrong_is_left_to_the_service_to_refuse() -> None:
    assert specification({"training": "fast"}) == {"training": "fast"}
    assert specification({"training": "fast"}, training={"epochs": 1}) == {"training": {"epochs": 1}}
