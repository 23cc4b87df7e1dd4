"""ONNX Runtime is the judge: it knows nothing of this package, and must say of raw columns what a model says."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from deltarule.training.errors import DataError
from deltarule.training.exports import export
from deltarule.training.exports.onnx import model as module
from deltarule.training.exports.onnx import to_onnx
from deltarule.training.exports.onnx.model import IR_VERSION, OPSETS
from deltarule.training.model import Model
from tests.training.exports.making import CASES, Row, rows_of, trained
from tests.training.making import finished, table_of


def session(model: Model) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(to_onnx(model), providers=["CPUExecutionProvider"])


def fed(model: Model, rows: list[Row]) -> dict[str, np.ndarray[Any, Any]]:
    """Rows as someone feeds them who knows the file only: a column each, NaN or "" where nothing is."""
    feeds = {}
    for column in model.form.inputs.columns:
        values = [row.get(column.name) for row in rows]
        if column.type == "numeric":
            feeds[column.name] = np.array([[np.nan if value is None else value] for value in values], np.float64)
        else:
            texts = [str(value).lower() if isinstance(value, bool) else value or "" for value in values]
            feeds[column.name] = np.array([[text] for text in texts], object)
    return feeds


def answered(model: Model, rows: list[Row]) -> dict[str, list[Any]]:
    judge = session(model)
    names = [output.name for output in judge.get_outputs()]
    return {name: array.tolist() for name, array in zip(names, judge.run(names, fed(model, rows)), strict=True)}


def assert_close(found: object, wanted: object) -> None:
    np.testing.assert_allclose(np.array(found), np.array(wanted), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_onnx_runtime_says_what_the_model_says(name: str) -> None:
    model, rows = trained(name), rows_of(name)
    expected = model.predict_rows(rows)
    found = answered(model, rows)
    for at, answer in enumerate(expected):
        if "label" in answer:
            prefix = "predicted_" if "label" in model.form.inputs.names else ""
            assert found[f"{prefix}label"][at] == answer["label"]
        if "labels" in answer:
            pairs = zip(model.form.target.names, found["labels"][at], strict=True)
            assert [label for label, has in pairs if has] == answer["labels"]
        if "value" in answer:
            assert_close(found["value"][at], [answer["value"]])
        if "values" in answer:
            assert_close(found["values"][at], list(answer["values"].values()))
        assert ("probabilities" in found) == ("probabilities" in answer)
        if "probabilities" in answer:
            assert_close(found["probabilities"][at], list(answer["probabilities"].values()))
    _, outputs = model.predict_inputs([[row.get(column) for column in model.form.inputs.names] for row in rows])
    assert_close(found["outputs"], outputs)


@pytest.mark.parametrize("name", CASES)
def test_the_file_passes_onnx_own_check(name: str) -> None:
    written = export(trained(name), "onnx")
    onnx.checker.check_model(written, full_check=True)
    file = onnx.load_from_string(written)
    assert {opset.domain: opset.version for opset in file.opset_import} == OPSETS
    assert file.ir_version == IR_VERSION


def test_inputs_are_the_columns_and_outputs_are_typed() -> None:
    judge = session(trained("penguins, classes"))
    inputs = {one.name: (one.type, one.shape) for one in judge.get_inputs()}
    assert inputs["bill_length_mm"] == ("tensor(double)", ["rows", 1])
    assert inputs["island"] == ("tensor(string)", ["rows", 1])
    assert list(inputs) == list(trained("penguins, classes").form.inputs.names)
    outputs = {one.name: (one.type, one.shape) for one in judge.get_outputs()}
    assert outputs == {
        "label": ("tensor(string)", ["rows"]),
        "probabilities": ("tensor(double)", ["rows", 3]),
        "outputs": ("tensor(double)", ["rows", 3]),
    }


def test_the_file_tells_what_it_is() -> None:
    model = trained("penguins, classes")
    about = {"id": "m1", "name": "Pingüino", "metrics": {"training": {"accuracy": 1.0}}}
    judge = onnxruntime.InferenceSession(to_onnx(model, about), providers=["CPUExecutionProvider"])
    told = judge.get_modelmeta().custom_metadata_map
    assert (told["model_id"], told["name"], told["task"]) == ("m1", "Pingüino", "classification")
    assert tuple(json.loads(told["columns"])) == model.form.inputs.names
    assert json.loads(told["target"]) == ["species"]
    assert json.loads(told["labels"]) == ["Adelie", "Chinstrap", "Gentoo"]
    assert told["sha256"] == model.weights_sha256
    assert json.loads(told["description"])["metrics"] == about["metrics"]


def test_markers_of_missing_values_and_booleans_as_others_write_them() -> None:
    model = trained("booleans as classes")
    rows = rows_of("booleans as classes")[:1] * 5
    feeds = fed(model, rows)
    feeds["flag"] = np.array([["true"], ["TRUE"], ["True"], ["NA"], [""]], object)
    (found,) = session(model).run(["probabilities"], feeds)
    assert found[0].tolist() == found[1].tolist() == found[2].tolist()
    assert found[3].tolist() == found[4].tolist()
    assert found[0].tolist() != found[3].tolist()


def test_a_column_of_which_training_saw_no_text_gives_nothing() -> None:
    # The one row with a text has no target: training never sees it.
    table = table_of(x=[1.0, 2.0, 3.0, 4.0], kind=["a", None, None, None], y=[None, 2.5, 3.5, 4.5])
    plan = {"epochs": 2, "validation_fraction": 0}
    model = finished(table, target="y", features=["x", "kind"], training=plan).model()
    assert model.form.inputs.width == 1
    rows: list[Row] = [{"x": 3, "kind": "a"}, {"x": 3}]
    assert_close(answered(model, rows)["value"], [[one["value"]] for one in model.predict_rows(rows)])


def test_many_columns_are_a_small_graph() -> None:
    width = 300
    table = table_of(**{f"c{at}": [float(at + row) for row in range(8)] for at in range(width)}, y=[1.5, 2.5] * 4)
    model = finished(table, target="y", training={"epochs": 1}).model()
    graph = onnx.load_from_string(to_onnx(model)).graph
    assert len(graph.input) == width
    assert len(graph.node) < 20


def test_a_model_that_no_file_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PARAMETERS_LIMIT", 100)
    with pytest.raises(DataError, match="too large for ONNX"):
        to_onnx(trained("penguins, classes"))


def test_nobody_pays_for_the_libraries_before_the_first_export() -> None:
    program = "import sys, service.app, deltarule.training.exports; print({'onnx', 'safetensors'} & sys.modules.keys())"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
