from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.links import LINKS


@pytest.fixture
def answers(client: FlaskClient, trained: dict[str, Any]) -> dict[str, Any]:
    """What each operation that has links answered, by its id."""
    table = client.get(trained["links"]["dataset"]).json
    return {
        "post_datasets_upload_dataset": table,
        "get_datasets_describe_dataset": table,
        "post_jobs_queue_job": trained,
        "get_jobs_describe_job": trained,
        "get_models_describe_model": client.get(trained["links"]["model"]).json,
    }


def found(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Method and path of each operation of the document, by its id."""
    return {
        operation["operationId"]: (method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def links(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for item in document["paths"].values():
        for operation in item.values():
            for answer in operation["responses"].values():
                for name, link in answer.get("links", {}).items():
                    yield operation["operationId"], name, link


def value(expression: Any, answer: Any) -> Any:  # noqa: ANN401 -- a constant, or a place in any JSON
    if not str(expression).startswith("$response.body#/"):
        return expression
    return reduce(lambda part, name: part[name], expression.removeprefix("$response.body#/").split("/"), answer)


def test_every_link_leads_to_what_it_names(client: FlaskClient, answers: dict[str, Any]) -> None:
    document = client.get("/openapi.json").json
    operations, followed = found(document), 0
    bodies = {
        "post_jobs_queue_job": {"dataset_id": answers["post_datasets_upload_dataset"]["id"], "target": "colour"},
        "post_jobs_validate_job": {"dataset_id": answers["post_datasets_upload_dataset"]["id"], "target": "colour"},
        "post_predictions_predict": {"rows": [{"length": 1}]},
        "post_predictions_evaluate": {"dataset_id": answers["post_datasets_upload_dataset"]["id"]},
        "post_explanations_explain_step": {
            "model_id": answers["get_models_describe_model"]["id"],
            "rows": [{"length": 1, "kind": 2, "colour": "red"}],
        },
    }
    for source, name, link in links(document):
        method, path = operations[link["operationId"]]
        given = {key: value(expression, answers[source]) for key, expression in link.get("parameters", {}).items()}
        address, query = path.format(**given), {key: given[key] for key in given if f"{{{key}}}" not in path}
        followed += 1
        if method == "delete":
            continue  # the same place that the others were found at
        answered = client.open(address, method=method, query_string=query, json=bodies.get(link["operationId"]))
        # All that the job that has ended does not take is to be cancelled.
        assert answered.status_code in ({409} if name == "cancel" else {200, 202}), (source, name, answered.text)
    assert followed == sum(map(len, LINKS.values())) > 0
