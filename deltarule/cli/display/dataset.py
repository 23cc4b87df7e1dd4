"""One table on one screen: what it is, and a line for each column."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from deltarule.cli.display.tables import facts, plain_table
from deltarule.cli.display.words import number, size
from deltarule.client import Dataset
from deltarule.client.answers import Column

SHOWN_COLUMNS, SHOWN_CATEGORIES = 40, 5
COLUMNS = ("column", "type", "missing", "minimum", "mean", "maximum", "categories")


def dataset_facts(dataset: Dataset) -> RenderableType:
    """The table, and as many of its columns as a screen holds; `--json` has all."""
    told = facts(
        [
            ("dataset", dataset.id),
            ("name", dataset.name),
            (
                "table",
                f"{dataset.rows:,} rows × {len(dataset.columns)} columns, {dataset.format}, {size(dataset.bytes)}",
            ),
            ("sha256", dataset.sha256),
        ]
    )
    lines = [list(_cells(column)) for column in dataset.columns[:SHOWN_COLUMNS]]
    table = plain_table(COLUMNS, lines, COLUMNS[2:-1], gap=2)
    more = len(dataset.columns) - SHOWN_COLUMNS
    return Group(told, Text(), table, *([Text(f"and {more} columns more; --json has all", "dim")] if more > 0 else []))


def _cells(column: Column) -> Iterator[str]:
    yield column.name
    yield column.type
    yield f"{column.missing:,}" if column.missing else "–"
    told = column.model_extra or {}
    for name in ("minimum", "mean", "maximum"):
        yield number(told.get(name))
    more = len(column.categories) - SHOWN_CATEGORIES
    yield ", ".join(column.categories[:SHOWN_CATEGORIES]) + (f" and {more} more" if more > 0 else "")
