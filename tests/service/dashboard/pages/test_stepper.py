import json
from typing import Any

from flask.testing import FlaskClient

from service.dashboard.stepper.asking import presets, written
from tests.service.dashboard.conftest import Browser

PICKED = "..stepper-document.value...stepper-result.children.."


def test_it_begins_with_the_contracts_example(browser: Browser) -> None:
    page = browser.open("/stepper")
    assert "Forward, layer 1: net inputs z1" in page
    assert "0.671" in page


def test_presets_are_what_the_api_takes(client: FlaskClient) -> None:
    for preset in presets().values():
        asked = json.loads(written(preset.document))
        assert asked == json.loads(json.dumps(preset.document))
        assert client.post("/v1/explanations", json=asked).status_code == 200


def test_vanishing_gradients_stand_beside_their_cure(browser: Browser) -> None:
    page = browser.open("/stepper", "?preset=vanishing")
    assert "Ten sigmoid layers: the δ of the first" in page
    assert "Ten ReLU layers, He's weights: the δ of the first" in page


def test_a_row_of_a_trained_model_is_shown(browser: Browser, trained: dict[str, Any]) -> None:
    page = browser.open("/stepper", f"?model={trained['model_id']}&row=2")
    assert "Forward, layer 1: net inputs z1" in page
    answer = browser.call(PICKED, {"stepper-model.value": trained["model_id"], "stepper-row.value": 2})
    document = json.loads(answer.json["response"]["stepper-document"]["value"])
    assert document["rows"] == [{"length": 1.0, "kind": 1.0, "colour": "red"}]


def test_a_row_that_is_not_there_is_told(browser: Browser, trained: dict[str, Any]) -> None:
    assert "There is no row 61 here" in browser.open("/stepper", f"?model={trained['model_id']}&row=61")


def test_a_model_of_somebody_else_is_not_there(browser: Browser) -> None:
    assert "no model" in browser.open("/stepper", "?model=01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e").lower()
