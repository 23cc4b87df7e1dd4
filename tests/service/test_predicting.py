import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from deltarule.training.plain import PlainRows
from service.predicting import LINES_AT_ONCE, _of_plain_rows, as_csv
from tests.training.making import finished, line


def table(predictions: list[dict[str, Any]]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(as_csv(predictions)))))


def test_labels_come_with_a_column_for_each_probability() -> None:
    rows = table([{"label": "a,b", "probabilities": {"a,b": 0.75, "c": 0.25}}])
    assert rows == [{"label": "a,b", "probability_a,b": "0.75", "probability_c": "0.25", "notes": ""}]


def test_several_values_come_in_a_column_each() -> None:
    assert table([{"values": {"y1": 1.5, "y2": -2.0}}]) == [{"y1": "1.5", "y2": "-2.0", "notes": ""}]


def test_labels_of_one_row_stand_together() -> None:
    rows = table([{"labels": ["a", "b"], "probabilities": {"a": 0.9, "b": 0.8}}, {"labels": []}])
    assert [row["labels"] for row in rows] == ["a; b", ""]


def test_notes_come_last_and_leave_other_rows_empty() -> None:
    text = "".join(as_csv([{"notes": ["It is odd.", "Very."], "value": 1.0}, {"value": 2.0}]))
    assert text.splitlines() == ["value,notes", "1.0,It is odd. Very.", "2.0,"]


def test_lines_leave_before_the_last_answer_is_asked_for() -> None:
    asked = 0

    def answers() -> Iterator[dict[str, Any]]:
        nonlocal asked
        for asked in range(1, 10 * LINES_AT_ONCE + 1):
            yield {"value": float(asked)}

    parts = as_csv(answers())
    assert next(parts) == "value,notes\r\n"
    assert next(parts).count("\n") == LINES_AT_ONCE
    assert asked <= LINES_AT_ONCE + 1
    assert sum(part.count("\n") for part in parts) == 9 * LINES_AT_ONCE


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        ('{"rows": [{"x": 1, "noise": 2}]}', 1),
        ('{"rows": [{"x": 1, "noise": 2}, {"noise": 1e3, "x": -0}]}', 2),
        ('{"inputs": [[1, 2], [3, 4], [5, 6]]}', 3),
        ('{"rows": [{"x": 1, "x": 1, "noise": 2}]}', 0),
        ('{"rows": [], "rows": [{"x": 1, "noise": 2}]}', 0),
        ('{"inputs": [[1, 2]], "inputs": [[1, 2]]}', 0),
        ('{"rows": [{"\\u0078": 1, "noise": 2}]}', 0),
        ('{"rows": [{"x": NaN, "noise": 2}]}', 0),
        ('{"rows": [{"x": 1e400, "noise": 2}]}', 0),
        ('{"rows": [{"x": 1, "noise": 2}], "inputs": [[1, 2]]}', 0),
        ('{"rows": [[1, 2]]}', 0),
        ('{"inputs": [{"x": 1}]}', 0),
        ('{"inputs": []}', 0),
        ("[1]", 0),
        ("", 0),
        ("[" * 100_000, 0),
    ],
)
def test_only_a_document_with_nothing_odd_about_it_goes_the_short_way(body: str, answered: int) -> None:
    network = {"dtype": "float64", "layers": [{}]}
    plain = PlainRows(finished(line(), target="y", network=network, training={"epochs": 1}).model())
    answer = _of_plain_rows(plain, body.encode()) or {"predictions": []}
    assert len(answer["predictions"]) == len(answer.get("outputs", answer["predictions"])) == answered
