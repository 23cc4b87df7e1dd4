import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.statements import statements


@pytest.fixture
def path(trained: dict[str, Any]) -> str:
    return f"{trained['links']['model']}/predictions"


def pointers(response: TestResponse) -> set[str]:
    assert response.status_code == 422, response.text
    return {fault["pointer"] for fault in response.json["errors"]}


def test_rows_get_labels_with_probabilities(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={"rows": [{"length": 3, "kind": 1}, {"length": 8.5, "kind": 2}]}).json
    assert len(answer["predictions"]) == 2
    for prediction in answer["predictions"]:
        assert set(prediction["probabilities"]) == {"blue", "red"}
        assert prediction["label"] == max(prediction["probabilities"], key=prediction["probabilities"].get)
        assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert "outputs" not in answer


def test_a_model_in_memory_is_only_asked_for_whether_it_is_there(client: FlaskClient, path: str) -> None:
    client.post(path, json={"rows": [{"length": 3, "kind": 1}]})
    with statements() as asked:
        assert client.post(path, json={"rows": [{"length": 3, "kind": 1}]}).status_code == 200
    whose, present = asked
    assert "keys" in whose
    assert "models" in present


def test_inputs_get_raw_outputs_too(client: FlaskClient, path: str) -> None:
    by_name = client.post(path, json={"rows": [{"length": 3, "kind": 1}]}).json
    answer = client.post(path, json={"inputs": [[3, 1]]}).json
    assert answer["predictions"] == by_name["predictions"]
    assert len(answer["outputs"]) == 1


def test_what_is_missing_is_said(client: FlaskClient, path: str) -> None:
    (prediction,) = client.post(path, json={"rows": [{"length": None}]}).json["predictions"]
    assert any("length" in note for note in prediction["notes"])


def test_csv_in_gives_csv_out(client: FlaskClient, path: str) -> None:
    rows = [{"length": 3, "kind": 1}, {"length": 8.5, "kind": 2}]
    expected = client.post(path, json={"rows": rows}).json["predictions"]
    response = client.post(path, data="kind;length\n1;3\n2;8.5\n", content_type="text/csv")
    assert response.mimetype == "text/csv"
    table = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["label"] for row in table] == [prediction["label"] for prediction in expected]
    for row, prediction in zip(table, expected, strict=True):
        assert float(row["probability_red"]) == pytest.approx(prediction["probabilities"]["red"])


def test_the_form_of_the_answer_is_the_askers_choice(client: FlaskClient, path: str) -> None:
    as_json = client.post(
        path, data="length,kind\n3,1\n", content_type="text/csv", headers={"Accept": "application/json"}
    )
    as_csv = client.post(path, json={"rows": [{"length": 3, "kind": 1}]}, headers={"Accept": "text/csv"})
    assert as_json.json["predictions"][0]["label"] in as_csv.text


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ""),
        ({"rows": [], "inputs": []}, "/rows"),
        ({"rows": [{"length": 1}], "inputs": [[1, 1]]}, ""),
        ({"rows": []}, "/rows"),
        ({"rows": {}}, "/rows"),
        ({"rows": [[1, 2]]}, "/rows/0"),
        ({"rows": [{"width": 1}]}, "/rows/0/width"),
        ({"rows": [{"length": 1}, {"length": "long"}]}, "/rows/1/length"),
        ({"rows": [{"length": [1]}]}, "/rows/0/length"),
        ({"inputs": [[1]]}, "/inputs/0"),
        ({"inputs": [[1, 2, 3]]}, "/inputs/0"),
        ({"row": [{"length": 1}]}, "/row"),
    ],
)
def test_faulty_rows_are_refused_at_their_place(
    client: FlaskClient, path: str, body: dict[str, Any], place: str
) -> None:
    assert place in pointers(client.post(path, json=body))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("length,kind\nlong,1\n", "length"),
        ("length,kind\n1\n", "Row 1"),
        ("length,kind\n", "no rows"),
        ("", "empty"),
    ],
)
def test_a_faulty_table_is_refused(client: FlaskClient, path: str, table: str, words: str) -> None:
    response = client.post(path, data=table, content_type="text/csv")
    assert response.status_code == 422
    assert words in response.json["detail"]


def test_a_csv_column_left_out_is_a_gap_as_it_is_in_rows(client: FlaskClient, path: str) -> None:
    headers = {"Accept": "application/json"}
    as_csv = client.post(path, data="length\n3\n", content_type="text/csv", headers=headers).json
    as_rows = client.post(path, json={"rows": [{"length": 3}]}).json
    assert as_csv == as_rows
    assert any("kind is missing" in note for note in as_csv["predictions"][0]["notes"])


def test_every_faulty_cell_is_told_in_rows_and_in_csv(client: FlaskClient, path: str) -> None:
    rows = [{"length": 1}, {"length": "long", "kind": "odd"}, {"width": 1, "length": 1e200}]
    table = "length,kind,width\n1,1,\nlong,odd,\n1e200,1,1\n"
    places = {"/rows/1/length", "/rows/1/kind", "/rows/2/length"}
    in_rows = client.post(path, json={"rows": [*rows[:2], {"length": 1e200}]})
    in_csv = client.post(path, data=table.replace(",width", ",colour"), content_type="text/csv")
    assert pointers(client.post(path, json={"rows": rows})) >= {"/rows/2/width", "/rows/1/length", "/rows/1/kind"}
    assert pointers(in_rows) >= {"/rows/1/length", "/rows/1/kind"}
    assert pointers(in_csv) == places
    assert "/rows/0/width" in pointers(client.post(path, data=table, content_type="text/csv"))


def test_a_long_table_is_answered_line_by_line(client: FlaskClient, path: str) -> None:
    rows = "".join(f"{number % 60},{number % 3}\n" for number in range(5000))
    response = client.post(path, data=f"length,kind\n{rows}", content_type="text/csv")
    assert response.content_length is None
    lines = response.text.splitlines()
    assert lines[0] == "label,probability_blue,probability_red,notes"
    assert len(lines) == 5001


def test_another_media_type_is_refused_with_those_that_are_taken(client: FlaskClient, path: str) -> None:
    response = client.post(path, data="length", content_type="text/plain")
    assert response.status_code == 415
    assert "application/json or text/csv" in response.json["detail"]


def test_numbers_are_predicted_as_values(client: FlaskClient, train: Callable[[str], None], dataset_id: str) -> None:
    for target, field in (("length", "value"), (["length", "kind"], "values")):
        body = {"dataset_id": dataset_id, "target": target, "task": "regression", "training": {"epochs": 1}}
        job = client.post("/v1/jobs", json=body).json
        train(job["id"])
        model = client.get(job["links"]["self"]).json["links"]["model"]
        rows = {"rows": [{"colour": "red"}, {"colour": "green"}]}
        red, green = client.post(f"{model}/predictions", json=rows).json["predictions"]
        assert field in red
        assert any("green" in note for note in green["notes"])
        table = client.post(f"{model}/predictions", data="colour,length,kind\nred,1,1\n", content_type="text/csv").text
        assert table.splitlines()[0].startswith("value" if field == "value" else "length,kind")


def test_a_model_is_measured_on_another_dataset(client: FlaskClient, trained: dict[str, Any], dataset_id: str) -> None:
    path = f"{trained['links']['model']}/evaluations"
    answer = client.post(path, json={"dataset_id": dataset_id}).json
    assert (answer["model_id"], answer["dataset_id"]) == (trained["model_id"], dataset_id)
    assert 0 <= answer["metrics"]["accuracy"] <= 1


@pytest.mark.parametrize(
    ("body", "place"),
    [({}, "/dataset_id"), ({"dataset_id": "nothing"}, "/dataset_id"), ({"dataset_id": 5}, "/dataset_id")],
)
def test_a_measurement_needs_a_dataset(client: FlaskClient, trained: dict[str, Any], body: object, place: str) -> None:
    assert pointers(client.post(f"{trained['links']['model']}/evaluations", json=body)) == {place}


def test_a_measurement_needs_the_models_columns(client: FlaskClient, trained: dict[str, Any]) -> None:
    other = client.post("/v1/datasets", data="a,b\n1,2\n", content_type="text/csv").json["id"]
    response = client.post(f"{trained['links']['model']}/evaluations", json={"dataset_id": other})
    assert pointers(response) == {"/dataset_id"}
    details = [fault["detail"] for fault in response.json["errors"]]
    assert [next(name for name in ("length", "kind", "colour") if name in detail) for detail in details] == [
        "length",
        "kind",
        "colour",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            "length,kind,colour\n1,1,green\n2,2,black\n",
            ["row 1, column colour: 'green' is no class", "row 2, column colour: 'black' is no class"],
        ),
        ("length,kind,colour\nlong,1,red\nwide,2,blue\n", ["column length as numbers, and here it holds texts"]),
        ("length,kind,colour\n1,1,\n2,2,\n", ["none of the 2 rows has a value"]),
        ("length,kind,colour\n1,1,red\n1e60,2,red\n", ["row 2, column length: the value is too far"]),
    ],
)
def test_data_that_cannot_be_measured_is_told(
    client: FlaskClient, trained: dict[str, Any], table: str, words: list[str]
) -> None:
    other = client.post("/v1/datasets", data=table, content_type="text/csv").json["id"]
    response = client.post(f"{trained['links']['model']}/evaluations", json={"dataset_id": other})
    assert pointers(response) == {"/dataset_id"}
    details = [fault["detail"] for fault in response.json["errors"]]
    assert len(details) == len(words)
    assert all(word in detail for word, detail in zip(words, details, strict=True))
