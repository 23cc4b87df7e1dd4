import math
from pathlib import Path
from types import ModuleType

import httpx
import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import Client, InvalidInput, Model
from deltarule.client.model import ROWS_AT_ONCE
from tests.client.standin import EXPORTED, StandIn, application


@pytest.fixture
def model(client: Client) -> Model:
    return client.submit({"target": "species", "dataset_id": "any"}).wait().model()


def test_a_model_tells_what_it_is(client: Client, model: Model) -> None:
    assert client.model(model.id).answer == model.answer
    assert [found.id for found in client.models()] == [model.id]
    assert model.answer.inputs[0].name == "bill"
    assert model.metrics["validation"]["accuracy"] == 0.75  # type: ignore[index]
    assert repr(model) == f"Model('{model.id}', task='classification', parameters=26)"


def test_rows_are_predicted_one_for_one(model: Model) -> None:
    predictions = model.predict([{"bill": 1.0}, {"bill": None}])
    assert [prediction.label for prediction in predictions] == ["Adelie", "Adelie"]
    assert predictions[0].probabilities == {"Adelie": 0.9, "Gentoo": 0.1}


@pytest.mark.parametrize(
    ("rows", "field"), [([{"bill": 1.0}], "rows"), ([[1.0]], "inputs"), ([], "rows"), ([{"a": 1}] * 2, "rows")]
)
def test_mappings_are_rows_and_lists_are_inputs(
    standin: StandIn, model: Model, rows: list[dict[str, float]], field: str
) -> None:
    seen: list[bytes] = []

    class Seeing(httpx.WSGITransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.read())
            return super().handle_request(request)

    with Client("http://service.test", transport=Seeing(application(standin))) as client:
        assert len(client.model(model.id).predict(rows)) == len(rows)
    assert seen[-1].startswith(b'{"%s": [' % field.encode())


def test_many_rows_go_in_several_requests(model: Model) -> None:
    count = ROWS_AT_ONCE * 2 + 1
    assert len(model.predict([{"bill": 1.0}] * count)) == count


def test_values_that_json_cannot_carry_are_refused(model: Model) -> None:
    with pytest.raises(InvalidInput, match="rows cannot be written as JSON"):
        model.predict([{"bill": float("nan")}])


def test_csv_goes_in_and_csv_comes_out(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("bill\n1\n2\n")
    assert model.predict_csv(path).decode().splitlines() == [
        "label,probability_Adelie,probability_Gentoo,notes",
        "Adelie,0.9,0.123456789,",
        "Adelie,0.9,0.123456789,",
    ]
    assert [prediction.label for prediction in model.predict_file(path)] == ["Adelie", "Adelie"]
    with pytest.raises(InvalidInput, match="cannot be read"):
        model.predict_csv(tmp_path / "other.csv")


def test_a_model_is_measured_on_other_data(model: Model) -> None:
    assert model.evaluate("dataset-9")["metrics"] == {"accuracy": 0.5}


@pytest.mark.parametrize("library", [pl, pd])
def test_a_frame_is_answered_by_a_frame_of_its_library(model: Model, library: ModuleType) -> None:
    answer = model.predict(library.DataFrame({"species": ["x", "y"], "bill": [1.5, math.nan]}))
    assert isinstance(answer, library.DataFrame)
    assert list(answer.columns) == ["label", "probability_Adelie", "probability_Gentoo", "notes"]
    assert answer["label"].to_list() == ["Adelie", "Adelie"]
    assert answer["probability_Gentoo"].to_list() == [0.1, 0.1]


def test_a_pandas_frame_keeps_its_index(model: Model) -> None:
    assert model.predict(pd.DataFrame({"bill": [1, 2]}, index=["p", "q"])).index.to_list() == ["p", "q"]


def test_a_frame_without_an_input_is_refused_and_one_without_rows_is_not(model: Model) -> None:
    with pytest.raises(InvalidInput, match="lacks 'bill'; the model's inputs are 'bill'"):
        model.predict(pl.DataFrame({"bil": [1]}))


def test_an_array_is_answered_by_an_array(model: Model) -> None:
    answer = model.predict(np.array([[1.5], [math.nan]]))
    assert isinstance(answer, np.ndarray)
    assert answer.tolist() == ["Adelie", "Adelie"]
    with pytest.raises(InvalidInput, match=r"A single row is array\[None\]"):
        model.predict(np.array([1.5]))


def test_a_file_is_predicted_too_and_a_single_row_is_not(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("bill\n1\n")
    assert [prediction.label for prediction in model.predict(path)] == ["Adelie"]
    with pytest.raises(InvalidInput, match=r"model\.predict\(\[row\]\)"):
        model.predict({"bill": 1})  # type: ignore[call-overload]


def test_other_data_is_uploaded_to_measure_on_and_removed_again(model: Model, standin: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("bill,species\n1,Adelie\n")
    for data in (path, str(path), pl.DataFrame({"bill": [1]}), {"bill": [1]}):
        assert model.evaluate(data)["dataset_id"].startswith("dataset-")
    assert model.evaluate(pd.DataFrame({"bill": [1]}), ["Adelie"])["metrics"] == {"accuracy": 0.5}
    assert not standin.datasets


def test_a_model_is_exported_into_a_file(model: Model, tmp_path: Path) -> None:
    path = model.export("onnx", tmp_path / "model.onnx")
    assert path.read_bytes() == b"onnx"
    with pytest.raises(InvalidInput, match="cannot be written"):
        model.export("onnx", tmp_path)


def test_a_model_is_exported_and_removed(standin: StandIn, model: Model) -> None:
    assert model.export() == b"PK\x03\x04"
    assert model.export("json") == EXPORTED
    assert model.export("onnx") == b"onnx"
    model.delete()
    assert not standin.models
