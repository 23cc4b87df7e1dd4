from typing import Any

import pytest
from rich.console import Console

from deltarule.cli.display.predictions import predictions_table
from deltarule.client import Prediction


def drawn(*documents: dict[str, Any]) -> list[list[str]]:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(predictions_table([Prediction.model_validate(document) for document in documents]))
    return [line.split() for line in capture.get().splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("document", "header", "line"),
    [
        (
            {"label": "b", "probabilities": {"b": 0.75, "a": 0.25}},
            ["row", "label", "a", "b"],
            ["1", "b", "0.250", "0.750"],
        ),
        (
            {"labels": ["a", "b"], "probabilities": {"a": 0.75, "b": 0.6, "c": 0.1}},
            ["row", "labels", "a", "b", "c"],
            ["1", "a,", "b", "0.750", "0.600", "0.100"],
        ),
        ({"labels": [], "probabilities": {"a": 0.1}}, ["row", "labels", "a"], ["1", "–", "0.100"]),
        ({"value": 3.25}, ["row", "value"], ["1", "3.250"]),
        ({"values": {"y": 2.0, "x": 1.0}}, ["row", "x", "y"], ["1", "1.000", "2.000"]),
        ({"label": "7", "probabilities": None}, ["row", "label"], ["1", "7"]),
    ],
)
def test_each_kind_of_prediction_has_its_columns(document: dict[str, Any], header: list[str], line: list[str]) -> None:
    assert drawn(document) == [header, line]


def test_of_many_classes_only_the_probability_of_the_predicted_one_is_shown() -> None:
    chances = {str(digit): 0.91 if digit == 7 else 0.01 for digit in range(10)}
    assert drawn({"label": "7", "probabilities": chances}) == [["row", "label", "probability"], ["1", "7", "0.910"]]


def test_many_rows_are_shown_in_part() -> None:
    assert len(drawn(*[{"value": 1.0}] * 100)) == 21


def test_what_was_odd_is_told_below_with_its_row() -> None:
    odd = {"value": 1.0, "notes": ["sex is missing.", "island is new."]}
    lines = drawn({"value": 1.0}, *[odd] * 7)
    assert ["row", "2:", "sex", "is", "missing.", "island", "is", "new."] in lines
    assert lines[-1][:4] == ["2", "more", "rows", "have"]


def test_no_rows_make_an_empty_table() -> None:
    assert drawn() == [["row", "value"]]
