import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import onnx
import pytest
import safetensors.numpy
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from matplotlib.image import imread
from openapi_spec_validator import OpenAPIV31SpecValidator

from deltarule.training.spec import Spec
from deltarule.training.tables import describe
from service.examples import EXPLANATIONS, JOBS, PREDICTIONS
from service.explaining import ExplanationRequest
from service.openapi import finished
from service.schemas.predictions import PredictionRequest


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def test_it_is_a_valid_openapi_document(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Deltarule"


def test_every_route_of_the_contract_is_in_it(document: dict[str, Any]) -> None:
    assert {(path, method) for path, method, _ in operations(document)} == {
        ("/v1/datasets", "post"),
        ("/v1/datasets", "get"),
        ("/v1/datasets/{dataset_id}", "get"),
        ("/v1/datasets/{dataset_id}", "delete"),
        ("/v1/datasets/{dataset_id}/content", "get"),
        ("/v1/datasets/{dataset_id}/preview", "get"),
        ("/v1/jobs", "post"),
        ("/v1/jobs/validate", "post"),
        ("/v1/jobs", "get"),
        ("/v1/jobs/{job_id}", "get"),
        ("/v1/jobs/{job_id}", "delete"),
        ("/v1/jobs/{job_id}/cancel", "post"),
        ("/v1/jobs/{job_id}/history", "get"),
        ("/v1/jobs/{job_id}/events", "get"),
        ("/v1/models", "get"),
        ("/v1/models/{model_id}", "get"),
        ("/v1/models/{model_id}", "delete"),
        ("/v1/models/{model_id}/export", "get"),
        ("/v1/models/{model_id}/predictions", "post"),
        ("/v1/models/{model_id}/evaluations", "post"),
        ("/v1/explanations", "post"),
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/metrics", "get"),
    }


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"406", "422", "500"} <= errors.keys(), (path, method)
        for status, answer in errors.items():
            assert list(answer["content"]) == ["application/problem+json"], (path, method, status)
            assert answer["description"]


def test_a_body_may_be_too_large_of_another_type_or_malformed(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= operation["responses"].keys(), (path, method)


def test_the_api_asks_for_a_key_and_the_rest_does_not(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        assert (
            ("security" in operation)
            == ("401" in operation["responses"])
            == (path.startswith("/v1/") or path == "/metrics")
        )
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}


def test_what_creates_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        created = method == "post" and {"201", "202"} & operation["responses"].keys() and "cancel" not in path
        assert ("Idempotency-Key" in named) == bool(created), (path, method)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for part in text.split('"$ref": "')[1:]:
        assert part.partition('"')[0].removeprefix("#/components/schemas/") in schemas
    assert not any("." in name for name in schemas)


@pytest.mark.parametrize(
    ("model", "examples"),
    [(Spec, JOBS), (PredictionRequest, PREDICTIONS), (ExplanationRequest, EXPLANATIONS)],
)
def test_every_example_is_what_it_is_an_example_of(model: Any, examples: dict[str, Any]) -> None:  # noqa: ANN401
    for example in examples.values():
        model.model_validate_json(json.dumps(example["value"]))
        Draft202012Validator(model.model_json_schema()).validate(example["value"])


def test_the_shortest_example_of_a_job_is_in_it(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Spec"}
    assert set(content["examples"]["shortest"]["value"]) == {"dataset_id", "target"}


def test_two_schemas_of_one_name_are_not_mixed_up() -> None:
    schemas = {"A.Same": {"type": "string"}, "B.Same": {"type": "number"}}
    with pytest.raises(ValueError, match="Same"):
        finished({"components": {"schemas": schemas}, "paths": {}, "tags": []})


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The media type and the content of every body of the document, and of every answer that has one."""
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            # Answers without a body, and none else, have no content.
            assert bool(answer.get("content")) == (status not in {"204", "304"}), (path, method, status)
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            yield from body.get("content", {}).items()


def examples(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"value": content["example"]}] if "example" in content else [*content.get("examples", {}).values()]


def test_every_body_and_every_error_has_an_example_and_is_what_its_schema_says(document: dict[str, Any]) -> None:
    schemas = {"components": document["components"]}
    for media_type, content in bodies(document):
        assert examples(content), (media_type, content)
        for example in examples(content):
            assert ("value" in example) != ("externalValue" in example)
            if media_type.endswith("json"):
                Draft202012Validator({**content.get("schema", {}), **schemas}).validate(example["value"])


def test_every_documented_error_is_a_problem_of_its_status(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                (problem,) = answer["content"].values()
                assert set(answer["content"]) == {"application/problem+json"}, (path, method, status)
                assert problem["example"]["status"] == int(status), (path, method, status)


def attached(document: dict[str, Any]) -> set[tuple[str, str]]:
    found = ((media_type, example) for media_type, content in bodies(document) for example in examples(content))
    return {(media_type, example["externalValue"]) for media_type, example in found if "externalValue" in example}


def bundle(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("predict.py") for name in archive.namelist())


READERS: dict[str, Callable[[bytes], Any]] = {
    "/static/examples/table.parquet": lambda content: describe(content, "parquet"),
    "/static/examples/arrays.npz": lambda content: describe(content, "npz"),
    "/static/examples/model.npz": lambda content: np.load(BytesIO(content))["weights_0"],
    "/static/examples/model.safetensors": safetensors.numpy.load,
    "/static/examples/model.onnx": lambda content: onnx.checker.check_model(onnx.load_from_string(content)),
    "/static/examples/model.zip": bundle,
    "/static/examples/history.png": lambda content: imread(BytesIO(content)),
    "/static/examples/history.svg": ElementTree.fromstring,
}


def test_examples_that_are_no_text_lie_here_and_are_what_they_are_said_to_be(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    assert {address for _, address in attached(document)} == set(READERS)
    for address, read in READERS.items():
        read(client.get(address).data)


def test_an_uploaded_example_is_a_dataset(client: FlaskClient, document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/datasets"]["post"]["requestBody"]["content"]
    for media_type, body in content.items():
        for example in examples(body):
            if media_type == "multipart/form-data":
                file = (BytesIO(example["value"]["file"].encode()), "table.csv")
                sent = client.post("/v1/datasets", data={"file": file})
            else:
                value = example.get("value") or client.get(example["externalValue"]).data
                data = value if isinstance(value, str | bytes) else json.dumps(value)
                sent = client.post("/v1/datasets", data=data, content_type=media_type)
            assert sent.status_code == 201, sent.text
