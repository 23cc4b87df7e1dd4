import json
from pathlib import Path

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run
from tests.client.standin import StandIn


@pytest.fixture
def model(service: str) -> str:
    with Client(service) as client:
        return client.submit({"dataset_id": "any"}).wait().model().id


def test_a_model_is_measured_on_a_file_which_is_not_kept(run: Run, model: str, table: Path, standin: StandIn) -> None:
    result = run("evaluate", model, table)
    assert result.code == 0
    assert [line.split() for line in result.out.splitlines()] == [["penguins.csv"], ["accuracy", "50.0%"]]
    assert not standin.datasets


def test_a_model_is_measured_on_a_table_that_is_there(run: Run, model: str, table: Path, standin: StandIn) -> None:
    identifier = run("upload", table).out.strip()
    answer = json.loads(run("evaluate", model, "--dataset", identifier, "--json").out)
    assert answer == {"model_id": model, "dataset_id": identifier, "metrics": {"accuracy": 0.5}}
    assert identifier in standin.datasets


@pytest.mark.parametrize("more", [(), ("table.csv", "--dataset", "any")])
def test_one_table_is_needed(run: Run, model: str, more: tuple[str, ...]) -> None:
    result = run("evaluate", model, *more)
    assert result.code == 2
    assert "A model is measured on one table." in result.err
