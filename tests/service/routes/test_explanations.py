from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.examples import EXPLANATIONS

PAPER: dict[str, Any] = EXPLANATIONS["three layers"]["value"]
MAZUR = {
    "network": {
        "layers": [
            {"activation": "sigmoid", "weights": [[0.15, 0.20], [0.25, 0.30]], "biases": [0.35, 0.35]},
            {"activation": "sigmoid", "weights": [[0.40, 0.45], [0.50, 0.55]], "biases": [0.60, 0.60]},
        ]
    },
    "loss": {"name": "half_squared_error"},
    "optimizer": {"name": "sgd", "learning_rate": 0.5},
    "inputs": [[0.05, 0.10]],
    "targets": [[0.01, 0.99]],
}


def pointers(response: TestResponse) -> set[str]:
    assert response.status_code == 422, response.text
    return {fault["pointer"] for fault in response.json["errors"]}


def test_the_step_without_biases_comes_out(client: FlaskClient) -> None:
    step = client.post("/v1/explanations", json=PAPER).json
    assert step["forward"][-1]["activations"][0][0] == pytest.approx(0.6718, abs=5e-5)
    assert step["after"]["outputs"][0][0] == pytest.approx(0.7043, abs=5e-5)
    assert step["backward"][0]["bias_gradients"] is None
    assert step["gradient_check"] < 1e-6


def test_mazurs_step_comes_out(client: FlaskClient) -> None:
    step = client.post("/v1/explanations", json=MAZUR).json
    assert step["forward"][-1]["activations"][0] == pytest.approx([0.75136507, 0.77292847], abs=1e-8)
    assert step["loss"] == pytest.approx(0.29837111, abs=1e-8)
    assert step["update"][0]["weights"][0][0] == pytest.approx(0.14978072, abs=1e-8)
    assert step["update"][1]["weights"][0][0] == pytest.approx(0.35891648, abs=1e-8)


def test_a_trained_model_can_be_explained(client: FlaskClient, trained: dict[str, Any]) -> None:
    model = client.get(trained["links"]["model"]).json
    outputs = model["network"]["layers"][-1]["units"]
    body = {"model_id": model["id"], "inputs": [[0.5, -0.5]], "targets": [[1.0, *[0.0] * (outputs - 1)]]}
    step = client.post("/v1/explanations", json=body).json
    assert len(step["forward"]) == len(model["network"]["layers"])
    layers = client.get(model["links"]["export_json"]).json["network"]["layers"]
    rate = 0.001
    moved = step["update"][0]["weights"][0][0] + rate * step["backward"][0]["weight_gradients"][0][0]
    assert moved == pytest.approx(layers[0]["weights"][0][0])


@pytest.fixture
def model(client: FlaskClient, trained: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(trained["links"]["model"]).json
    return found


def test_a_row_of_the_data_goes_through_the_models_encoding(client: FlaskClient, model: dict[str, Any]) -> None:
    """The numbers that the row becomes, posted as they are, give the same step."""
    row = {"length": 3, "colour": "red", "kind": 0}
    step = client.post("/v1/explanations", json={"model_id": model["id"], "rows": [row]}).json
    exported = client.get(model["links"]["export_json"]).json
    (length, kind) = exported["preprocessing"]["inputs"]
    by_hand = [(row[column["name"]] - column["mean"]) / column["standard_deviation"] for column in (length, kind)]
    assert step["inputs"] == [pytest.approx(by_hand)]
    assert step["loss_name"] == exported["loss"]["name"]
    assert max(step["targets"][0]) == 1
    batch = {"inputs": step["inputs"], "targets": step["targets"]}
    assert client.post("/v1/explanations", json={"model_id": model["id"], **batch}).json == step
    (predicted,) = client.post(model["links"]["predictions"], json={"rows": [row]}).json["predictions"]
    assert list(predicted["probabilities"].values())[-1] == pytest.approx(
        step["forward"][-1]["activations"][0][-1], rel=1e-5
    )


def test_the_start_of_the_step_can_be_posted_again(client: FlaskClient) -> None:
    step = client.post("/v1/explanations", json=PAPER).json
    again = PAPER | {"network": {"layers": step["layers"]}}
    assert client.post("/v1/explanations", json=again).json == step


def test_with_every_parameter_on_a_kink_nothing_is_checked(client: FlaskClient) -> None:
    network = {"layers": [{"activation": "identity", "weights": [[1]]}]}
    body = {"network": network, "inputs": [[1]], "targets": [[1]], "loss": {"name": "absolute_error"}}
    step = client.post("/v1/explanations", json=body).json
    assert (step["gradient_check"], step["gradients_checked"], step["gradients_at_kinks"]) == (None, 0, 2)


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"rows": [{"length": 3, "colour": "green"}]}, {"/rows/0/colour"}),
        ({"rows": [{"length": 3, "colour": "red"}, {"length": 3}]}, {"/rows/1/colour"}),
        ({"rows": [{"length": "long", "colour": "red"}]}, {"/rows/0/length"}),
        ({"rows": [{"lenght": 3, "colour": "red"}]}, {"/rows/0/lenght"}),
        ({"rows": [{"length": [3], "colour": "red"}]}, {"/rows/0/length"}),
        ({"rows": []}, {"/rows"}),
        ({"rows": [3]}, {"/rows/0"}),
        ({"rows": [{"length": 3, "colour": "red"}], "loss": {"name": "magic"}}, {"/loss/name"}),
        ({"rows": [{"length": 3, "colour": "red"}], "inputs": [[1, 2]], "targets": [[1]]}, {""}),
        ({"inputs": [[1, 2, 3]], "targets": [[1, 0]]}, {"/inputs/0"}),
        ({"inputs": [[1, 2]], "targets": [[1, 0, 0]]}, {"/targets/0"}),
        ({"inputs": [[1, 2], [1]], "targets": [[1, 0], [1, 0, 0]]}, {"/inputs/1", "/targets/1"}),
    ],
)
def test_rows_that_the_model_cannot_take_are_refused_with_their_place(
    client: FlaskClient, model: dict[str, Any], change: dict[str, Any], places: set[str]
) -> None:
    assert pointers(client.post("/v1/explanations", json={"model_id": model["id"], **change})) == places


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"network": None}, ""),
        ({"model_id": "x"}, ""),
        ({"loss": None}, ""),
        ({"loss": {"name": "magic"}}, "/loss/name"),
        ({"inputs": []}, "/inputs"),
        ({"inputs": [[]]}, "/inputs/0"),
        ({"inputs": [[1, 0], [1]], "targets": [[1], [0]]}, "/inputs/1"),
        ({"inputs": [[1, "0"]]}, "/inputs/0/1"),
        ({"targets": [[1], [0]]}, "/targets"),
        ({"targets": [[]]}, "/targets/0"),
        ({"inputs": None}, ""),
        ({"rows": [{"a": 1}]}, ""),
        ({"rows": [{"a": 1}], "inputs": None, "targets": None}, ""),
        ({"targets": [[5]]}, "/targets/0/0"),
        ({"inputs": [[1, 0, 0]]}, "/network/layers/0/weights/0"),
        ({"network": {"layers": [{"units": 60_000}, {"units": 60_000}, {}]}}, "/network"),
        ({"network": {"layers": [{"activation": "sigmoid"}], "dtype": "float16"}}, "/network/dtype"),
        ({"network": {"layers": []}}, "/network/layers"),
        ({"network": None, "model_id": "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e"}, "/model_id"),
        ({"optimizer": {"name": "sgd", "learning_rate": -1}}, "/optimizer/learning_rate"),
        ({"steps": 2}, "/steps"),
    ],
)
def test_what_cannot_be_explained_is_refused(client: FlaskClient, change: dict[str, Any], place: str) -> None:
    assert place in pointers(client.post("/v1/explanations", json=PAPER | change))


def test_numbers_that_run_away_are_refused(client: FlaskClient) -> None:
    layers = [{"activation": "identity", "weights": [[1e200, 1e200]], "biases": [0]}]
    body = PAPER | {"network": {"layers": layers}, "inputs": [[1e200, 1e200]], "loss": {"name": "squared_error"}}
    assert client.post("/v1/explanations", json=body).status_code == 422
