import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.service.dashboard.conftest import Browser
from tests.service.dashboard.patterns import Fields, listed, run, shown, single

JUDGED = ("new-judged.children", "new-json.children", "new-copy.value", "new-curl.value", "new-chosen.data")
JUDGE = f'..{{"field":["ALL"]}}.error...{{"flag":["ALL"]}}.error...{"...".join(JUDGED)}..'


def judge(client: FlaskClient, fields: Fields, flags: Fields) -> dict[str, Any]:
    inputs = [listed("field", "value", fields), listed("flag", "checked", flags)]
    outputs = [listed("field", "error", fields), listed("flag", "error", flags), *(single(name) for name in JUDGED)]
    answer = run(client, JUDGE, outputs, inputs=inputs, state=[], changed='{"field":"/dataset_id"}.value')
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def errors(found: dict[str, Any], kind: str = "field") -> dict[str, str]:
    """What is said at which field."""
    told = {json.loads(name)[kind]: each["error"] for name, each in found.items() if name.startswith(f'{{"{kind}"')}
    return {pointer: error for pointer, error in told.items() if error}


def start(client: FlaskClient, fields: Fields, token: str = "a page") -> TestResponse:  # noqa: S107
    state = [listed("field", "value", fields), [], single("new-token.data", token)]
    inputs = [single("new-start.n_clicks", 1)]
    return run(
        client, "new-started.data", single("new-started.data"), inputs=inputs, state=state, changed="new-start.n_clicks"
    )


@pytest.fixture
def fields(dataset_id: str) -> Fields:
    return {"/dataset_id": dataset_id, "/target": ["colour"], "/training/epochs": 3}


def test_the_form_begins_with_the_table_of_the_address(browser: Browser, dataset_id: str) -> None:
    assert '"value": "length"' in browser.open("/new", f"?dataset={dataset_id}")
    assert '"/target"' not in browser.open("/new")


def test_the_form_of_a_model_keeps_what_the_model_has_settled(browser: Browser, trained: dict[str, Any]) -> None:
    shown = browser.open("/new", f"?model={trained['model_id']}")
    assert "The model predicts colour from length, kind." in shown
    assert f'"value": "{trained["spec"]["dataset_id"]}"' in shown
    assert '"/target"' not in shown
    assert '"/preprocessing/standardize"' not in shown


def test_a_model_of_nobody_is_told(browser: Browser) -> None:
    assert "There is no model" in browser.open("/new", "?model=nothing")


def test_what_has_to_be_chosen_first_is_no_fault(client: FlaskClient, dataset_id: str) -> None:
    nothing = judge(client, {"/dataset_id": None}, {})
    assert "Choose a table" in json.dumps(nothing["new-judged"])
    assert errors(nothing) == {}
    table = judge(client, {"/dataset_id": dataset_id, "/target": []}, {})
    assert "Choose what to predict." in json.dumps(table["new-judged"])
    assert errors(table) == {}


def test_a_job_is_judged_as_the_api_judges_it(client: FlaskClient, fields: Fields) -> None:
    found = judge(client, fields, {"/training/shuffle": True, "/training/batch_size": True})
    document = json.loads(found["new-json"]["children"])
    assert document == {
        "dataset_id": fields["/dataset_id"],
        "target": "colour",
        "training": {"epochs": 3, "batch_size": "full"},
    }
    said = client.post("/v1/jobs/validate", json=document).json
    shown = json.dumps(found["new-judged"])
    assert f'"children": "{said["estimate"]["parameters"]:,}"' in shown
    assert "classification" in shown
    assert all(json.dumps(warning) in shown for warning in said["warnings"])
    assert found["new-chosen"]["data"] == said["spec"]["network"]["layers"]
    assert errors(found) == {}


def test_faults_are_told_at_their_fields(client: FlaskClient, fields: Fields) -> None:
    wrong = {
        **fields,
        "/training/validation_fraction": 2,
        "/network/layers/0/units": -1,
        "/network/layers/1/activation": None,
        "/optimizer/name": "sgd",
        "/optimizer/learning_rate": 0.1,
    }
    found = judge(client, wrong, {"/optimizer/nesterov": False})
    assert set(errors(found)) == {"/training/validation_fraction", "/network/layers/0/units"}
    assert "2 things have to be changed; their fields say what." in json.dumps(found["new-judged"])
    found = judge(client, {**fields, "/optimizer/name": "sgd"}, {"/optimizer/nesterov": True})
    assert "momentum" in errors(found, "flag")["/optimizer/nesterov"]


def test_faults_of_what_is_named_stand_where_it_is_named(client: FlaskClient, fields: Fields) -> None:
    found = judge(client, {**fields, "/network/model_id": "nothing"}, {})
    assert set(errors(found)) == {"/network/model_id"}
    told = judge(client, {**fields, "/training/class_weight": "none"}, {})
    assert set(errors(told)) == {"/training/class_weight"}


def test_a_job_is_started_once_however_often_the_button_is_pressed(client: FlaskClient, fields: Fields) -> None:
    first, again = start(client, fields), start(client, fields)
    job_id = first.json["response"]["new-started"]["data"]
    assert first.json["sideUpdate"]["address"] == {"href": f"/jobs/{job_id}"}
    assert again.json["response"]["new-started"]["data"] == job_id
    other = start(client, fields, token="another page").json["response"]["new-started"]["data"]  # noqa: S106
    assert other != job_id
    assert {job["id"] for job in client.get("/v1/jobs").json["items"]} == {job_id, other}


def test_a_wrong_job_is_not_started(client: FlaskClient, fields: Fields) -> None:
    answer = start(client, {**fields, "/training/epochs": 0})
    assert "/training/epochs" in json.dumps(answer.json["sideUpdate"]["notice"])
    assert client.get("/v1/jobs").json["items"] == []


def test_fields_of_the_columns_come_with_their_table(client: FlaskClient, dataset_id: str) -> None:
    inputs = [{"id": {"field": "/dataset_id"}, "property": "value", "value": dataset_id}]
    output, changed = "new-columns.children", '{"field":"/dataset_id"}.value'
    answer = run(client, output, single(output), inputs=inputs, state=[], changed=changed)
    assert '"data":["length","colour","kind"]' in answer.text


def test_layers_are_edited_by_buttons(client: FlaskClient) -> None:
    press = {"id": {"at": 1, "layer": "up"}, "property": "n_clicks", "value": 1}
    values = {"/network/layers/0/units": 8, "/network/layers/1/units": 4, "/network/layers/2/activation": "softmax"}
    state = [listed("field", "value", values), [], single("new-chosen.data", [])]
    output = "new-layers.children"
    changed = '{"at":1,"layer":"up"}.n_clicks'
    answer = run(client, output, single(output), inputs=[[press]], state=state, changed=changed)
    fields = shown(answer.json["response"]["new-layers"]["children"])
    assert [fields[f"/network/layers/{place}/units"]["value"] for place in (0, 1)] == [4, 8]
    assert fields["/network/layers/2/activation"]["value"] == "softmax"
