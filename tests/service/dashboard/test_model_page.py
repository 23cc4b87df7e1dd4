import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deltarule.training.exports import FORMATS
from service.services import Services
from tests.service.dashboard.conftest import Browser
from tests.service.dashboard.patterns import Fields, listed, run, single


def ask(client: FlaskClient, model_id: str, values: Fields) -> TestResponse:
    output = '..model-answer.children...{"ask":["ALL"]}.error..'
    outputs = [single("model-answer.children"), listed("ask", "error", values)]
    state = [listed("ask", "value", values), single("model-shown.data", model_id)]
    return run(
        client, output, outputs, inputs=[single("model-ask.n_clicks", 1)], state=state, changed="model-ask.n_clicks"
    )


def evaluate(browser: Browser, model_id: str, dataset_id: str | None) -> str:
    state = {"model-dataset.value": dataset_id, "model-shown.data": model_id}
    return browser.call(
        "..model-evaluated.children...model-dataset.error..", {"model-evaluate.n_clicks": 1}, state
    ).text


@pytest.fixture
def model_id(trained: dict[str, Any]) -> str:
    identifier: str = trained["model_id"]
    return identifier


def test_the_list_names_every_model(browser: Browser, model_id: str) -> None:
    shown = browser.open("/models")
    assert f'"/models/{model_id}"' in shown
    assert "Accuracy" in shown


def test_without_models_the_list_says_so(browser: Browser) -> None:
    assert "There is no model yet" in browser.open("/models")


def test_a_model_is_shown_with_everything_that_can_be_done_with_it(
    browser: Browser, trained: dict[str, Any], model_id: str
) -> None:
    shown = browser.open(f"/models/{model_id}")
    assert "Confusion matrix" in shown
    assert f"/jobs/{trained['id']}" in shown
    assert f"/new?model={model_id}" in shown
    assert '{"ask": "length"}' in shown
    assert '{"ask": "colour"}' not in shown
    assert all(f"/models/{model_id}/export?format={form}" in shown for form in FORMATS)


def test_an_answer_is_that_of_the_api(client: FlaskClient, model_id: str) -> None:
    shown = ask(client, model_id, {"length": 3, "kind": 1}).text
    said = client.post(f"/v1/models/{model_id}/predictions", json={"rows": [{"length": 3, "kind": 1}]}).json
    (prediction,) = said["predictions"]
    assert f'"children":"{prediction["label"]}"' in shown
    assert all(f"{100 * value:.2f} %" in shown for value in prediction["probabilities"].values())


def test_what_is_left_out_counts_as_missing(client: FlaskClient, model_id: str) -> None:
    assert "is missing; it counts as" in ask(client, model_id, {"length": "", "kind": 1}).text


def test_what_cannot_be_used_is_told_at_its_field(client: FlaskClient, model_id: str) -> None:
    found = ask(client, model_id, {"length": "long", "kind": 1}).json["response"]
    assert found['{"ask":"length"}']["error"]
    assert found['{"ask":"kind"}']["error"] is None
    assert "the fields say why" in json.dumps(found["model-answer"])


def test_a_model_is_measured_on_another_table(
    browser: Browser, client: FlaskClient, model_id: str, dataset_id: str
) -> None:
    shown = evaluate(browser, model_id, dataset_id)
    said = client.post(f"/v1/models/{model_id}/evaluations", json={"dataset_id": dataset_id}).json["metrics"]
    assert f'"{said["accuracy"]:.4g}"' in shown
    assert "This dataset" in shown
    other = client.post("/v1/datasets", data="width\n1\n", content_type="text/csv").json["id"]
    assert "The model needs column" in evaluate(browser, model_id, other)
    assert "Choose a dataset first." in evaluate(browser, model_id, None)
    assert "There is no dataset" in evaluate(browser, model_id, "nothing")


@pytest.mark.parametrize("form", list(FORMATS))
def test_a_model_is_taken_home_as_from_the_api(client: FlaskClient, model_id: str, form: str) -> None:
    here, there = (client.get(f"{path}/models/{model_id}/export?format={form}") for path in ("", "/v1"))
    assert here.status_code == 200
    assert here.data == there.data
    assert here.headers["Content-Disposition"] == there.headers["Content-Disposition"]


def test_an_unknown_format_is_told(client: FlaskClient, model_id: str) -> None:
    assert client.get(f"/models/{model_id}/export?format=pickle").status_code == 422


def test_a_model_is_its_owners(client: FlaskClient, services: Services, browser: Browser, model_id: str) -> None:
    secret = services.keys.add("another")[1]
    assert client.get(f"/models/{model_id}/export?format=json").status_code == 401
    browser.sign_in(secret)
    assert "There is no model" in browser.open(f"/models/{model_id}")
    assert client.get(f"/models/{model_id}/export?format=json").status_code == 404
    assert ask(client, model_id, {"length": 3, "kind": 1}).json["response"].get("model-answer") is None
    assert services.models.page(None).items


def test_a_model_can_be_deleted(client: FlaskClient, browser: Browser, model_id: str) -> None:
    answer = browser.call("model-removed.data", {"model-remove-now.n_clicks": 1}, {"model-removed.data": model_id})
    assert answer.json["sideUpdate"]["address"] == {"href": "/models"}
    assert client.get(f"/v1/models/{model_id}").status_code == 404
