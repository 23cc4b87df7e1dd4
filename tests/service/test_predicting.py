import csv
import io

from service.predicting import as_csv


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_labels_come_with_a_column_for_each_probability() -> None:
    rows = table(as_csv([{"label": "a,b", "probabilities": {"a,b": 0.75, "c": 0.25}}]))
    assert rows == [{"label": "a,b", "probability_a,b": "0.75", "probability_c": "0.25"}]


def test_several_values_come_in_a_column_each() -> None:
    assert table(as_csv([{"values": {"y1": 1.5, "y2": -2.0}}])) == [{"y1": "1.5", "y2": "-2.0"}]


def test_labels_of_one_row_stand_together() -> None:
    rows = table(as_csv([{"labels": ["a", "b"], "probabilities": {"a": 0.9, "b": 0.8}}, {"labels": []}]))
    assert [row["labels"] for row in rows] == ["a; b", ""]


def test_notes_come_last_and_leave_other_rows_empty() -> None:
    text = as_csv([{"notes": ["It is odd.", "Very."], "value": 1.0}, {"value": 2.0}])
    assert text.splitlines() == ["value,notes", "1.0,It is odd. Very.", "2.0,"]
