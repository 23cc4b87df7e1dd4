import json
from pathlib import Path

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run
from tests.cli.terminal import terminal


@pytest.fixture
def model(service: str) -> str:
    with Client(service) as client:
        return client.submit({"dataset_id": "any"}).wait().model().id


def test_csv_goes_in_and_csv_comes_out(run: Run, model: str, table: Path) -> None:
    result = run("predict", model, table)
    assert result.code == 0
    assert result.out.splitlines() == [
        "label,probability_Adelie,probability_Gentoo,notes",
        *["Adelie,0.9,0.123456789,"] * 2,
    ]
    assert not result.err


def test_predictions_go_into_a_file(run: Run, model: str, table: Path, tmp_path: Path) -> None:
    result = run("predict", model, table, "--output", tmp_path / "predictions.csv")
    assert (result.code, result.out) == (0, "")
    assert (tmp_path / "predictions.csv").read_text().startswith("label,")


def test_predictions_as_json(run: Run, model: str, table: Path) -> None:
    answer = json.loads(run("predict", model, table, "--json").out)
    assert answer == [{"label": "Adelie", "probabilities": {"Adelie": 0.9, "Gentoo": 0.1}}] * 2


def test_a_terminal_shows_a_table_of_the_first_rows(model: str, service: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("bill\n" + "1\n" * 30)
    with terminal("predict", model, rows, DELTARULE_URL=service) as screen:
        screen.wait_for("row  label   Adelie  Gentoo")
        screen.wait_for("  1  Adelie   0.900   0.100")
        screen.wait_for("20 of 30 rows")
        assert screen.end() == 0


def test_a_file_that_is_not_there_is_said(run: Run, model: str) -> None:
    result = run("predict", model, "none.csv")
    assert result.code == 2
    assert "none.csv cannot be read" in result.err
