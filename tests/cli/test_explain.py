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
        "1 sigmoid, half_squared_error, sgd at 0.1; row 1 of 2",
        "Forward",
        "Backward",
        "Update",
        "0.1250",
        "After the step the loss is 0.2000",
    ):
        assert told in result.out


@pytest.mark.usefixtures("service")
def test_another_row_can_be_followed(run: Run, spec: Path) -> None:
    assert "inputs    3.000" in run("explain", "--spec", spec, "--row", "2").out
    result = run("explain", "--spec", spec, "--row", "3")
    assert result.code == 2
    assert "There is no row 3" in result.err


def test_a_trained_model_takes_the_place_of_the_network(run: Run, spec: Path, service: str) -> None:
    with Client(service) as client:
        model = client.submit({"dataset_id": "any"}).wait().model()
    asked = json.loads(run("explain", model.id, "--spec", spec, "--json").out)["asked"]
    assert asked == {"model_id": model.id, "inputs": [[1.0], [3.0]], "targets": [[0.0], [1.0]]}
    assert "half_squared_error" in run("explain", model.id, "--spec", spec).out


@pytest.fixture
def model(service: str) -> str:
    with Client(service) as client:
        return client.submit({"dataset_id": "any"}).wait().model().id


def test_a_row_of_a_table_is_posted_by_column_name(run: Run, model: str, table: Path) -> None:
    asked = json.loads(run("explain", model, "--data", table, "--row", "2", "--json").out)["asked"]
    assert asked == {"model_id": model, "rows": [{"bill": 2.0, "species": "Gentoo"}]}
    told = run("explain", model, "--data", table, "--row", "2")
    assert (told.code, told.err) == (0, "")
    assert "row 2 of penguins.csv" in told.out
    assert "bill 2, species Gentoo" in told.out


def test_a_spec_may_name_loss_and_optimizer_for_a_row(run: Run, model: str, table: Path, spec: Path) -> None:
    asked = json.loads(run("explain", model, "--data", table, "--spec", spec, "--json").out)["asked"]
    assert asked == {"model_id": model, "rows": [{"bill": 1.0, "species": "Adelie"}]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("bill,species\n1,Adelie\n", "There is no row 2 in"),
        ("bill,species\nlong,Adelie\n", "penguins.csv: "),
        ("", "penguins.csv: "),
    ],
)
def test_a_row_that_cannot_be_read_says_so(run: Run, model: str, table: Path, content: str, sentence: str) -> None:
    table.write_text(content)
    result = run("explain", model, "--data", table, "--row", "2")
    assert result.code == 2
    assert sentence in result.err


def test_a_table_needs_a_model(run: Run, table: Path) -> None:
    result = run("explain", "--data", table)
    assert result.code == 2
    assert "hint: Name the model" in result.err


def test_without_a_spec_it_says_where_to_begin(run: Run) -> None:
    result = run("explain")
    assert result.code == 2
    assert "hint: Try it with --spec examples/step.json" in result.err


def test_the_example_is_a_spec() -> None:
    document = json.loads((Path(__file__).parent.parent.parent / "examples" / "step.json").read_text())
    assert document.keys() == {"network", "inputs", "targets", "loss", "optimizer"}
