"""Exports: whoever reads one can compute the model without this package."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deltarule.training.exports import FORMATS, MEDIA_TYPES, ExportFormat, export
from deltarule.training.model import Model
from deltarule.training.resolution import resolve
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import read

ROWS = [
    {"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "island": "Torgersen", "sex": "male"},
    {"bill_length_mm": None, "bill_depth_mm": 14.2, "island": "Biscoe", "sex": None},
    {"bill_length_mm": 50.0, "bill_depth_mm": 19.5, "island": "Elsewhere", "sex": "female"},
]


@cache
def trained(target: str, dtype: str) -> Model:
    table = read(Path("examples/penguins.csv"), "csv")
    network = {"dtype": dtype, "layers": [{"units": 4, "activation": "tanh", "bias": False}, {}]}
    spec = {"dataset_id": "any", "target": target, "features": list(ROWS[0]), "network": network}
    run = Run(resolve(Spec.model_validate(spec | {"training": {"epochs": 3}}), table.schema), table)
    while not run.finished:
        run.advance(seconds=10)
    return run.model()


def encoded(columns: list[dict[str, Any]], row: dict[str, Any]) -> list[float]:
    inputs: list[float] = []
    for column in columns:
        value = column["fill"] if row[column["name"]] is None else row[column["name"]]
        if column["type"] == "numeric":
            inputs.append((value - column["mean"]) / column["standard_deviation"])
        else:
            inputs += [float(value == category) for category in column["categories"]]
    return inputs


def output(weights: list[Any], biases: list[Any], inputs: list[float]) -> NDArray[np.float64]:
    hidden = np.tanh(np.array(weights[0]) @ inputs)
    assert biases[0] is None
    return np.asarray(np.array(weights[1]) @ hidden + np.array(biases[1]), np.float64)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_classification_can_be_computed_from_its_document(dtype: str) -> None:
    model = trained("species", dtype)
    document = json.loads(export(model, "json"))
    weights, biases = zip(
        *((layer["weights"], layer["biases"]) for layer in document["network"]["layers"]), strict=True
    )
    for row, answer in zip(ROWS, model.predict_rows(ROWS), strict=True):
        outputs = np.exp(output(weights, biases, encoded(document["preprocessing"]["inputs"], row)))
        probabilities = dict(zip(document["preprocessing"]["target"]["classes"], outputs / outputs.sum(), strict=True))
        assert answer["probabilities"] == pytest.approx(probabilities, rel=1e-5 if dtype == "float32" else 1e-12)
        assert answer["label"] == max(probabilities, key=probabilities.__getitem__)


def test_a_regression_can_be_computed_from_its_archive() -> None:
    model = trained("body_mass_g", "float64")
    with np.load(io.BytesIO(export(model, "npz")), allow_pickle=False) as archive:
        assert archive.files == ["weights_0", "weights_1", "biases_1", "metadata"]
        weights, biases = [archive["weights_0"], archive["weights_1"]], [None, archive["biases_1"]]
        preprocessing = json.loads(archive["metadata"].tobytes())["preprocessing"]
    mean, deviation = (preprocessing["target"][name][0] for name in ("means", "standard_deviations"))
    for row, answer in zip(ROWS, model.predict_rows(ROWS), strict=True):
        (value,) = output(weights, biases, encoded(preprocessing["inputs"], row)) * deviation + mean
        assert answer["value"] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_digit_is_lost(dtype: str) -> None:
    model = trained("species", dtype)
    document = json.loads(export(model, "json"))
    with np.load(io.BytesIO(export(model, "npz")), allow_pickle=False) as archive:
        for number, (layer, weights) in enumerate(
            zip(document["network"]["layers"], model.parameters.weights, strict=True)
        ):
            assert archive[f"weights_{number}"].dtype == np.dtype(dtype)
            assert archive[f"weights_{number}"].tobytes() == weights.tobytes()
            assert np.array(layer["weights"], dtype).tobytes() == weights.tobytes()


def test_the_exported_network_is_where_another_job_can_start() -> None:
    network = json.loads(export(trained("species", "float64"), "json"))["network"]
    spec = Spec.model_validate(
        {"dataset_id": "any", "target": "species", "features": list(ROWS[0]), "network": network}
    )
    table = read(Path("examples/penguins.csv"), "csv")
    resolved = resolve(spec, table.schema).network
    assert resolved is not None
    assert [list(map(list, layer.weights or ())) for layer in resolved.layers or ()] == [
        layer["weights"] for layer in network["layers"]
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_equal_models_give_equal_bytes_also_after_their_own(format_: ExportFormat) -> None:
    model = trained("species", "float32")
    assert export(model, format_) == export(Model.from_bytes(model.to_bytes()), format_)
    assert format_ in MEDIA_TYPES


def test_further_facts_stand_in_both() -> None:
    model, about = (
        trained("species", "float32"),
        {"id": "m1", "name": "Pingüino", "metrics": {"training": {"accuracy": 1.0}}},
    )
    document = json.loads(export(model, "json", about))
    with np.load(io.BytesIO(export(model, "npz", about)), allow_pickle=False) as archive:
        metadata = json.loads(archive["metadata"].tobytes())
    for each in (document, metadata):
        assert about.items() <= each.items()
        assert each["sha256"] == model.weights_sha256
        assert each["parameters"] == model.parameters.vector.size
    assert all("weights" not in layer for layer in metadata["network"]["layers"])
