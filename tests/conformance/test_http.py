"""The reference runs through the whole house: HTTP, row, message, worker, database, HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.stack import ended, running_stack

REFERENCE = Path(__file__).parent / "reference"
CASES = sorted(REFERENCE.glob("*.json"))


@pytest.fixture(scope="module", params=["embedded", "servers"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("stack") / "data"
    environment = {}
    if request.param == "servers":
        environment = {
            "DELTARULE_DATABASE_URL": request.getfixturevalue("empty_postgres_url"),
            "DELTARULE_BROKER_URL": request.getfixturevalue("redis_url"),
        }
    with running_stack(folder, **environment) as running:
        yield running


def agree(actual: object, expected: object, what: str) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-9, atol=1e-12, err_msg=what)


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_reference_run(client: httpx.Client, case: Path) -> None:
    document = json.loads(case.read_text())
    posted = client.post("/v1/jobs", json=document["job"])
    assert posted.status_code == httpx.codes.ACCEPTED, posted.text
    job = ended(client, posted.json())
    assert job["status"] == "succeeded", job
    expect = document["expect"]

    history = client.get(f"/v1/jobs/{job['id']}/history").json()
    agree(history["training_loss"], expect["training_loss"], "training loss")
    agree(history["learning_rate"], expect["learning_rate"], "learning rate")

    model = client.get(f"/v1/models/{job['model_id']}/export", params={"format": "json"}).json()
    for layer, wanted in zip(model["network"]["layers"], expect["layers"], strict=True):
        agree(layer["weights"], wanted["weights"], "weights")
        if wanted.get("biases") is not None:
            agree(layer["biases"], wanted["biases"], "biases")

    rows = document["job"]["data"]["inputs"][:5]
    answer = client.post(f"/v1/models/{job['model_id']}/predictions", json={"inputs": rows}).json()
    agree(answer["outputs"], expect["outputs_of_first_5_rows"], "outputs")


def test_every_reference_run_is_here() -> None:
    assert len(CASES) >= 14
