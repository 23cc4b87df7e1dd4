import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.dashboard.class_weights import UNKNOWN
from service.dashboard.drafts import composed
from tests.service.dashboard.conftest import Browser
from tests.service.dashboard.patterns import Fields, listed, run, single

WAY = "/training/class_weight"


def offer(client: FlaskClient, fields: Fields) -> str:
    """What is offered when the way of weighing was chosen, as the JSON of its components."""
    way = {"id": {"field": WAY}, "property": "value", "value": fields[WAY]}
    answer = run(
        client, "new-classes.children", single("new-classes.children"), inputs=[way],
        state=[way, listed("field", "value", fields)], changed=f'{{"field":"{WAY}"}}.value',
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.json["response"]["new-classes"]["children"])


def test_each_class_of_the_target_has_a_field(client: FlaskClient, dataset_id: str) -> None:
    fields = {"/dataset_id": dataset_id, "/target": ["colour"], WAY: "by class"}
    told = offer(client, fields)
    assert '"Weight of red"' in told
    assert f'{{"field": "{WAY}/blue"}}' in told
    assert offer(client, fields | {WAY: "balanced"}) == "[]"


def test_the_classes_of_a_model_are_known(client: FlaskClient, trained: dict[str, Any]) -> None:
    assert '"Weight of red"' in offer(client, {"/network/model_id": trained["model_id"], WAY: "by class"})


def test_classes_that_are_numbers_have_a_field_each(
    client: FlaskClient, train: Callable[[str], None], dataset_id: str
) -> None:
    told = offer(client, {"/dataset_id": dataset_id, "/target": ["kind"], WAY: "by class"})
    names = re.findall(r"Weight of ([^\"]+)", told)
    assert names == ["0", "1", "2"]
    fields = {"/dataset_id": dataset_id, "/target": ["kind"], "/task": "classification", WAY: "by class"}
    weights = {f"{WAY}/{name}": 1 + place for place, name in enumerate(names)}
    body = composed((fields | weights).items())
    assert body["training"]["class_weight"] == {"0": 1, "1": 2, "2": 3}
    path = client.post("/v1/jobs", json=body).json["links"]["self"]
    train(path.rpartition("/")[2])
    assert client.get(path).json["status"] == "succeeded"


@pytest.mark.parametrize("target", [[], ["length"]])
def test_classes_that_nobody_knows_yet_are_not_offered(client: FlaskClient, dataset_id: str, target: list[str]) -> None:
    assert UNKNOWN in offer(client, {"/dataset_id": dataset_id, "/target": target, WAY: "by class"})


def test_weights_are_out_of_the_way_until_they_are_asked_for(browser: Browser, dataset_id: str) -> None:
    page = browser.open("/new", f"?dataset={dataset_id}")
    assert '"Class weight"' in page
    assert "Weight of" not in page
