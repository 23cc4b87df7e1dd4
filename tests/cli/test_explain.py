import json
from pathlib import Path

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "step.json"
    network = {"layers": [{"units": 1, "activation": "sigmoid", "weights": [[1.0]]}]}
    path.write_text(json.dumps({"network": network, "inputs": [[1.0], [3.0]], "targets": [[0.0], [1.0]]}))
    return path


@pytest.mark.usefixtures("service")
def test_a_step_is_told_in_three_parts(run: Run, spec: Path) -> None:
    result = run("explain", "--spec", spec)
    assert (result.code, result.err) == (0, "")
    for told in (
        "1 sigmoid; row 1 of 2",
        "Forward",
        "Backward",
        "Update",
        "0.1250",
        "After the step the loss is 0.2000",
    ):
        assert told in result.out


@pytest.mark.usefixtures("service")
def test_another_row_can_be_followed(run: Run, spec: Path) -> None:
    assert "inputs 3.000" in run("explain", "--spec", spec, "--row", "2").out
    result = run("explain", "--spec", spec, "--row", "3")
    assert result.code == 2
    assert "There is no row 3" in result.err


def test_a_trained_model_takes_the_place_of_the_network(run: Run, spec: Path, service: str) -> None:
    with Client(service) as client:
        model = client.submit({"dataset_id": "any"}).wait().model()
    asked = json.loads(run("explain", model.id, "--spec", spec, "--json").out)["asked"]
    assert asked == {"model_id": model.id, "inputs": [[1.0], [3.0]], "targets": [[0.0], [1.0]]}
    assert "4 relu → 2 softmax" in run("explain", model.id, "--spec", spec).out


def test_without_a_spec_it_says_where_to_begin(run: Run) -> None:
    result = run("explain")
    assert result.code == 2
    assert "hint: Try it with --spec examples/step.json." in result.err


def test_the_example_is_a_spec() -> None:
    document = json.loads((Path(__file__).parent.parent.parent / "examples" / "step.json").read_text())
    assert document.keys() == {"network", "inputs", "targets", "loss", "optimizer"}
