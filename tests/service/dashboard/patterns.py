"""Callbacks over many fields at once, as a page asks for them."""

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.service.dashboard.conftest import ORIGIN

Fields = Mapping[str, Any]


def listed(key: str, prop: str, values: Fields) -> list[dict[str, Any]]:
    """Components whose ids have this key, each with the value of a property."""
    return [{"id": {key: name}, "property": prop, "value": value} for name, value in values.items()]


def single(name: str, value: object = None) -> dict[str, Any]:
    """One property of one component, `id.property`."""
    identifier, prop = name.rsplit(".", 1)
    return {"id": identifier, "property": prop, "value": value}


def shown(component: object) -> dict[str, dict[str, Any]]:
    """The fields within what a callback answers with, by pointer: the properties of each."""
    if isinstance(component, list):
        return {pointer: props for part in component for pointer, props in shown(part).items()}
    if not isinstance(component, dict):
        return {}
    props = component.get("props", {})
    identifier = props.get("id")
    own = {identifier["field"]: props} if isinstance(identifier, dict) and "field" in identifier else {}
    return own | shown(props.get("children"))


def run(
    client: FlaskClient, output: str, outputs: object, *, inputs: object, state: object, changed: str
) -> TestResponse:
    """Run the callback that has this output."""
    asked = {"output": output, "outputs": outputs, "inputs": inputs, "state": state, "changedPropIds": [changed]}
    return client.post("/_dash-update-component", json=asked, headers=ORIGIN)
