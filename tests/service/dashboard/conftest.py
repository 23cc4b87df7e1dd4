"""The dashboard as a browser speaks to it, without one: documents, and the requests that its pages make."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.services import Services

ORIGIN = {"Origin": "http://localhost"}


def body(output: str, inputs: Mapping[str, Any], state: Mapping[str, Any], changed: Sequence[str]) -> dict[str, Any]:
    """What a page sends for a callback; values by `id.property`, of a pattern one for all that match."""
    names = [name for name in output.removeprefix("..").removesuffix("..").split("...") if "." in name]
    outputs = [_field(name.split("@")[0]) for name in names]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") or not outputs else outputs[0],
        "inputs": [_field(name, value=value) for name, value in inputs.items()],
        "state": [_field(name, value=value) for name, value in state.items()],
        "changedPropIds": list(changed),
    }


def _field(name: str, **more: Any) -> dict[str, Any] | list[dict[str, Any]]:  # noqa: ANN401 -- a value
    """A component's property; a pattern of ids is a list of all that match, of which here is one."""
    identifier, prop = name.rsplit(".", 1)
    if not identifier.startswith("{"):
        return {"id": identifier, "property": prop, **more}
    pattern: dict[str, Any] = json.loads(identifier)
    whole = {key: "x" if isinstance(value, list) else value for key, value in pattern.items()}
    field = {"id": whole, "property": prop, **more}
    return field if whole == pattern else [field]


class Browser:
    """A client with a memory for cookies, that asks as the dashboard's pages do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def sign_in(self, secret: str) -> TestResponse:
        return self.client.post("/sign-in", data={"key": secret}, headers=ORIGIN)

    def call(
        self,
        output: str,
        inputs: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] = ORIGIN,
    ) -> TestResponse:
        """Run a callback, as if its inputs had changed."""
        asked = body(output, inputs, state or {}, list(inputs))
        return self.client.post("/_dash-update-component", json=asked, headers=headers)

    def callbacks(self) -> list[dict[str, Any]]:
        """What the service tells its pages of its callbacks, without those that run in the browser."""
        told: list[dict[str, Any]] = self.client.get("/_dash-dependencies").json
        return [callback for callback in told if not callback["clientside_function"]]

    def outputs(self, asked: str) -> list[str]:
        """The names of the callbacks that listen to this `id.property`."""
        return [
            callback["output"]
            for callback in self.callbacks()
            if asked in [f"{one['id']}.{one['property']}" for one in callback["inputs"]]
        ]

    def open(self, path: str, search: str = "") -> str:
        """What the page at this address shows, as the JSON of its components."""
        inputs = {"address.pathname": path, "address.search": search}
        answer = self.call("..content.children...address-title.data..", inputs)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return json.dumps(answer.json["response"]["content"]["children"], ensure_ascii=False)


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


@pytest.fixture
def secret(services: Services) -> str:
    return services.keys.add("mine")[1]
