from typing import Any

from rich.console import Console

from deltarule.cli.display.dataset import SHOWN_COLUMNS, dataset_facts
from deltarule.client import Dataset

NUMERIC = {"name": "bill", "type": "numeric", "missing": 2, "minimum": 32.1, "maximum": 59.6, "mean": 43.92}
TEXT = {"name": "species", "type": "categorical", "categories": list("abcdefg")}


def shown(columns: list[dict[str, Any]]) -> list[list[str]]:
    dataset = Dataset.model_validate(
        {
            "id": "d",
            "name": None,
            "format": "csv",
            "bytes": 16735,
            "sha256": "0" * 64,
            "rows": 3440,
            "created_at": "2026-01-02T03:04:05Z",
            "columns": columns,
        }
    )
    console = Console(width=120)
    with console.capture() as capture:
        console.print(dataset_facts(dataset))
    return [line.split() for line in capture.get().splitlines()]


def test_each_column_is_a_line_with_what_is_in_it() -> None:
    lines = shown([NUMERIC, TEXT])
    assert lines[1] == ["table", "3,440", "rows", "×", "2", "columns,", "csv,", "16.7", "kB"]
    assert lines[-2] == ["bill", "numeric", "2", "32.10", "43.92", "59.60"]
    assert lines[-1] == ["species", "categorical", "–", "–", "–", "–", "a,", "b,", "c,", "d,", "e", "and", "2", "more"]


def test_more_columns_than_a_screen_holds_are_counted() -> None:
    lines = shown([NUMERIC] * (SHOWN_COLUMNS + 3))
    assert lines[-1][:3] == ["and", "3", "columns"]
