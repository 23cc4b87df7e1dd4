import hashlib
import io
import json
from typing import Any

import numpy as np
import pytest

from deltarule.training.errors import FAULTS_TOLD, DataError, RowsError
from deltarule.training.model import Model
from tests.training.making import animals, arrays, finished, line, table_of


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(animals(), target="species", training={"epochs": 40}).model()


@pytest.fixture(scope="module")
def numbers() -> Model:
    plan = {"epochs": 2, "validation_fraction": 0.0}
    return finished(line(), target="y", network={"dtype": "float64", "layers": [{}]}, training=plan).model()


def test_a_row_gets_its_label_and_the_probability_of_each(model: Model) -> None:
    (answer,) = model.predict_rows([{"length": 20.5, "island": "Torgersen"}])

    assert answer["label"] == "Gentoo"
    assert list(answer["probabilities"]) == ["Adelie", "Chinstrap", "Gentoo"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert "notes" not in answer


def test_a_number_can_be_computed_by_hand(numbers: Model) -> None:
    x, noise = numbers.form.inputs.columns
    (weights,), (bias,) = numbers.parameters.weights[0], numbers.parameters.biases[0] or ()
    target = numbers.form.target
    assert x.type == noise.type == "numeric"
    assert target.type == "number"
    scaled = [(0.3 - x.mean) / x.standard_deviation, (0.5 - noise.mean) / noise.standard_deviation]
    by_hand = (np.dot(weights, scaled) + bias) * target.standard_deviations[0] + target.means[0]

    assert numbers.predict_rows([{"x": 0.3, "noise": 0.5}]) == [{"value": pytest.approx(by_hand, rel=1e-12)}]


def test_gaps_and_strangers_are_told(model: Model) -> None:
    missing, unknown = model.predict_rows([{"length": None, "island": "Dream"}, {"length": 1, "island": "Atlantis"}])

    length = model.form.inputs.columns[0]
    assert length.type == "numeric"
    assert missing["notes"] == [f"length is missing; it counts as {length.fill:.6g}."]
    assert len(f"{length.fill:.6g}") < len(str(length.fill)), "the mean has more digits than are told"
    assert unknown["notes"] == ["island: 'Atlantis' was not in the training data; it counts as none of its categories."]


def test_a_column_left_out_is_a_gap(model: Model) -> None:
    (answer,) = model.predict_rows([{"length": 1}])

    assert answer["notes"] == ["island is missing; it counts as 'Biscoe'."]


def test_other_columns_of_the_training_data_may_be_there(model: Model) -> None:
    plain, whole = model.predict_rows(
        [{"length": 1, "island": "Dream"}, {"length": 1, "island": "Dream", "species": "Gentoo"}]
    )

    assert plain == whole


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ([{"lenght": 1}], "/rows/0/lenght"),
        ([{"length": 1}, {"length": "long"}], "/rows/1/length"),
        ([{"island": 3}], "/rows/0/island"),
        ([{"island": "Dream\0"}], "/rows/0/island"),
        ([], "/rows"),
        ([7], "/rows/0"),
    ],
)
def test_rows_that_are_wrong(model: Model, rows: list[dict[str, object]], pointer: str) -> None:
    with pytest.raises(DataError) as caught:
        model.predict_rows(rows)

    assert caught.value.pointer == pointer


def test_every_faulty_cell_is_told_row_by_row(model: Model) -> None:
    rows: list[Any] = [{"lenght": 1, "island": 3}, {"length": "long"}, 7, {"length": 1e200, "island": ["Dream"]}]
    with pytest.raises(RowsError) as caught:
        model.predict_rows(rows)

    places = ["/rows/0/lenght", "/rows/0/island", "/rows/1/length", "/rows/2", "/rows/3/island"]
    assert [fault.pointer for fault in caught.value.faults] == places
    assert caught.value.faults[2].detail == "row 2, column length: the text 'long', but a number is expected there."


def test_of_many_faults_the_first_are_told(model: Model) -> None:
    with pytest.raises(RowsError) as caught:
        model.predict_rows([{"length": "long"}] * 1000)

    assert len(caught.value.faults) == FAULTS_TOLD


@pytest.mark.parametrize(("known", "asked"), [(["True", "maybe"], "True"), ([True, False], "TRUE")])
def test_a_row_is_read_as_the_training_data_was_whatever_stands_beside_it(known: list[Any], asked: str) -> None:
    table = table_of(kind=[known[row % 2] for row in range(8)], y=[row % 2 + 0.5 for row in range(8)])
    trained = finished(table, target="y", training={"epochs": 1}).model()

    alone, *_ = trained.predict_rows([{"kind": asked}])
    beside, *_ = trained.predict_rows([{"kind": asked}, {"kind": "maybe not"}])

    assert alone == {"value": pytest.approx(beside["value"], rel=1e-5)}


def test_a_csv_file_is_read_as_rows_are(model: Model) -> None:
    content = b"island;species;length\nDream;;20,5\nAtlantis;Gentoo;NA\n"

    rows = [{"length": 20.5, "island": "Dream"}, {"length": None, "island": "Atlantis"}]
    assert list(model.predict_csv(content)) == model.predict_rows(rows)
    assert list(model.predict_csv(b"length\n1\n")) == model.predict_rows([{"length": 1}])


def test_a_model_that_never_saw_gaps_refuses_them() -> None:
    table = table_of(x=[1, 2, 3], y=[1.5, 2.5, 3.5])
    strict = finished(table, target="y", preprocessing={"missing": "error"}, training={"epochs": 1}).model()

    with pytest.raises(RowsError, match="row 1, column x: the value is missing") as caught:
        strict.predict_rows([{}, {"x": 2}, {"x": None}])
    assert [fault.pointer for fault in caught.value.faults] == ["/rows/0/x", "/rows/2/x"]


def test_inputs_stand_in_the_order_of_the_columns(model: Model) -> None:
    answers, outputs = model.predict_inputs([[20.5, "Torgersen"], [1, None]])

    assert answers == model.predict_rows([{"length": 20.5, "island": "Torgersen"}, {"length": 1}])
    assert outputs[0] == list(answers[0]["probabilities"].values())


@pytest.mark.parametrize(
    ("inputs", "pointer"),
    [
        ([[1, "Dream"], [1]], "/inputs/1"),
        (["ab"], "/inputs/0"),
        ([[1, "Dream"], ["x", "Dream"]], "/inputs/1/0"),
        ([[1, "Dream"], [1e60, "Dream"]], "/inputs/1/0"),
        ([], "/inputs"),
    ],
)
def test_inputs_that_are_wrong(model: Model, inputs: list[list[object]], pointer: str) -> None:
    with pytest.raises(DataError) as caught:
        model.predict_inputs(inputs)

    assert caught.value.pointer == pointer


def test_a_value_beyond_the_range_of_the_network_is_refused(model: Model) -> None:
    with pytest.raises(
        RowsError, match="row 2, column length: the value is too far from those of the training"
    ) as caught:
        model.predict_rows([{"length": 1}, {"length": 1e60}, {"length": -1e60}])

    assert [fault.pointer for fault in caught.value.faults] == ["/rows/1/length", "/rows/2/length"]


def test_an_output_that_is_not_finite_is_refused() -> None:
    layers = [{"units": 1, "weights": [[1e30]]}, {"weights": [[1e30]]}]
    table = arrays([[0], [0]], [[0.5], [0.5]])
    plan = {"epochs": 1}
    steep = finished(table, network={"layers": layers}, training=plan, preprocessing={"standardize": False}).model()

    with pytest.raises(DataError, match="Row 1: the output is not finite") as caught:
        steep.predict_inputs([[1]])
    assert caught.value.pointer == "/inputs/0"


def test_bytes_and_back(model: Model, numbers: Model) -> None:
    for one in (model, numbers):
        written = one.to_bytes()
        again = Model.from_bytes(written)

        assert again.to_bytes() == written
        assert again.form == one.form
        assert np.array_equal(again.parameters.vector, one.parameters.vector)
        assert again.weights_sha256 == one.weights_sha256


def test_equal_models_have_equal_bytes(model: Model) -> None:
    twin = finished(animals(), target="species", training={"epochs": 40}).model()

    assert twin.to_bytes() == model.to_bytes()


def test_other_bytes_are_no_model(model: Model) -> None:
    written = model.to_bytes()
    pickled = io.BytesIO()
    np.savez(pickled, form=np.array([{"a": 1}], object), parameters=np.zeros(3))

    for other in (b"", b"nonsense", written[:-50], pickled.getvalue()):
        with pytest.raises(DataError, match="no model of this version"):
            Model.from_bytes(other)


def test_the_hash_is_that_of_the_parameters(numbers: Model) -> None:
    assert numbers.weights_sha256 == hashlib.sha256(numbers.parameters.vector.astype("<f8").tobytes()).hexdigest()


def test_the_description_is_json_without_weights(model: Model) -> None:
    described = json.loads(json.dumps(model.description(), allow_nan=False))

    assert described["task"] == "classification"
    assert described["target"] == ["species"]
    assert [column["name"] for column in described["inputs"]] == ["length", "island"]
    assert described["inputs"][1]["categories"] == ["Biscoe", "Dream", "Torgersen"]
    assert described["parameters"] == model.parameters.layout.size
    assert [layer["units"] for layer in described["network"]["layers"]] == [64, 32, 3]
    assert not any("weights" in layer for layer in described["network"]["layers"])
    assert described["preprocessing"]["inputs"][0]["mean"] == pytest.approx(10, abs=1)
