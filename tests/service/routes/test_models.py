import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pytest
import safetensors.numpy
from flask.testing import FlaskClient

from deltarule.training.exports import FORMATS, ExportFormat


@pytest.fixture
def path(trained: dict[str, Any]) -> str:
    link: str = trained["links"]["model"]
    return link


def test_a_model_is_described(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    model = client.get(path).json
    assert (model["id"], model["job_id"], model["name"]) == (trained["model_id"], trained["id"], "colours")
    assert model["task"] == "classification"
    assert [column["name"] for column in model["inputs"]] == ["length", "kind"]
    assert model["target"] == ["colour"]
    assert set(model["metrics"]["validation"]) >= {"accuracy", "confusion_matrix"}
    assert all(layer.get("weights") is None for layer in model["network"]["layers"])
    assert client.get(model["links"]["job"]).json["id"] == trained["id"]


def test_models_are_listed(client: FlaskClient, path: str) -> None:
    page = client.get("/v1/models?limit=1").json
    assert page["items"] == [client.get(path).json]
    assert page["next"] is None


def test_the_json_export_computes_by_hand(client: FlaskClient, path: str) -> None:
    model = client.get(path).json
    exported = client.get(model["links"]["export_json"])
    assert exported.mimetype == "application/json"
    assert "attachment" in exported.headers["Content-Disposition"]
    document = exported.json
    for name in ("id", "task", "metrics", "inputs", "target", "sha256", "links"):
        assert document[name] == model[name]
    sizes = [np.size(layer["weights"]) + np.size(layer["biases"]) for layer in document["network"]["layers"]]
    assert sum(sizes) == model["parameters"]


def test_the_npz_export_has_the_same_weights(client: FlaskClient, path: str) -> None:
    links = client.get(path).json["links"]
    response = client.get(links["export_npz"])
    assert response.mimetype == "application/x-npz"
    layers = client.get(links["export_json"]).json["network"]["layers"]
    with np.load(io.BytesIO(response.data), allow_pickle=False) as archive:
        for number, layer in enumerate(layers):
            assert archive[f"weights_{number}"].astype(float).tolist() == layer["weights"]
            assert archive[f"biases_{number}"].astype(float).tolist() == layer["biases"]
        assert json.loads(archive["metadata"].tobytes())["id"] == path.rpartition("/")[2]


@pytest.mark.parametrize("query", ["", "?format=pickle", "?format=npz&format=json", "?kind=npz"])
def test_a_format_that_is_not_written_is_refused(client: FlaskClient, path: str, query: str) -> None:
    response = client.get(f"{path}/export{query}")
    assert response.status_code == 422
    (fault,) = [one for one in response.json["errors"] if one["pointer"].startswith("/query/")][:1]
    if query == "?format=pickle":
        assert all(f"'{format_}'" in fault["detail"] for format_ in FORMATS)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_named_typed_and_known_by_its_digest(client: FlaskClient, path: str, format_: ExportFormat) -> None:
    link = client.get(path).json["links"][f"export_{format_}"]
    response = client.get(link)
    assert response.mimetype == FORMATS[format_].media_type
    assert response.headers["Content-Disposition"] == f"attachment; filename=colours.{FORMATS[format_].suffix}"
    assert response.get_etag() == (hashlib.sha256(response.data).hexdigest(), False)
    assert client.get(link).data == response.data
    assert client.get(link, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert client.get(link, headers={"Range": "bytes=0-3"}).data == response.data[:4]
    assert client.get(link, headers={"Accept": "text/plain"}).status_code == 406


def test_onnx_runtime_takes_the_file_and_says_what_the_service_says(client: FlaskClient, path: str) -> None:
    content = client.get(f"{path}/export?format=onnx").data
    judge = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answer = client.post(f"{path}/predictions", json={"rows": [{"length": 3, "kind": 1}, {"length": 8.5}]}).json
    columns = {"length": np.array([[3.0], [8.5]]), "kind": np.array([[1.0], [np.nan]])}
    labels, probabilities = judge.run(["label", "probabilities"], columns)
    assert labels.tolist() == [one["label"] for one in answer["predictions"]]
    expected = [list(one["probabilities"].values()) for one in answer["predictions"]]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5, atol=1e-5)
    assert judge.get_modelmeta().custom_metadata_map["model_id"] == path.rpartition("/")[2]


def test_safetensors_hold_the_arrays_and_all_that_is_said_of_them(client: FlaskClient, path: str) -> None:
    content = client.get(f"{path}/export?format=safetensors").data
    layers = client.get(f"{path}/export?format=json").json["network"]["layers"]
    arrays = safetensors.numpy.load(content)
    assert {name: array.astype(float).tolist() for name, array in arrays.items()} == {
        f"{name}_{number}": layer[name] for number, layer in enumerate(layers) for name in ("weights", "biases")
    }
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["metadata"])["id"] == path.rpartition("/")[2]


def test_an_export_is_refused_to_those_who_cannot_read_it(client: FlaskClient, path: str) -> None:
    response = client.get(f"{path}/export?format=npz", headers={"Accept": "application/json"})
    assert response.status_code == 406


def test_a_removed_model_is_gone_from_everywhere(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    assert client.post(f"{path}/predictions", json={"rows": [{}]}).status_code == 200
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/predictions", json={"rows": [{}]}).status_code == 404
    assert client.get(trained["links"]["self"]).json["model_id"] is None


def test_a_model_that_a_job_goes_on_from_stays(
    client: FlaskClient, trained: dict[str, Any], path: str, train: Callable[[str], None]
) -> None:
    body = {"dataset_id": trained["spec"]["dataset_id"], "network": {"model_id": trained["model_id"]}}
    response = client.post("/v1/jobs", json=body)
    assert response.status_code == 202, response.json
    job = response.json
    assert client.delete(path).status_code == 409
    train(job["id"])
    assert client.get(job["links"]["self"]).json["status"] == "succeeded"
    assert client.delete(path).status_code == 204


@pytest.mark.parametrize("identifier", ["nothing", "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e", "%00"])
def test_what_is_not_there_is_not_found(client: FlaskClient, identifier: str) -> None:
    path = f"/v1/models/{identifier}"
    assert client.get(path).status_code == client.delete(path).status_code == 404
    assert client.get(f"{path}/export?format=json").status_code == 404
