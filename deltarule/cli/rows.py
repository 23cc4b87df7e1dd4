"""A row of a CSV file as the service takes it: numbers as numbers, texts as texts, as the model knows its columns."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deltarule.cli.failures import CommandError
from deltarule.training.errors import DataError
from deltarule.training.tables.delimited import chunks
from deltarule.training.tables.rows import typed
from deltarule.training.tables.schema import CategoricalColumn, Column, NumericColumn, Schema

Row = dict[str, float | str | None]


def row_of(file: Path, number: int, model: Mapping[str, Any]) -> Row:
    """The row of this number, from 1, by column name.

    Args:
        file: CSV with a header row.
        number: which row.
        model: a model as its JSON export describes it.

    Raises:
        CommandError: the file is no table, or has no such row.
    """
    schema = Schema(format="csv", rows=0, columns=tuple(_columns(model)))
    try:
        frames = (typed(chunk, schema).frame for chunk in chunks(file.read_bytes()))
        rows = itertools.chain.from_iterable(frame.iter_rows(named=True) for frame in frames)
        found = next(itertools.islice(rows, number - 1, None), None)
    except DataError as error:
        raise CommandError(f"{file}: {error}") from error
    if found is None:
        raise CommandError(f"There is no row {number} in {file}.")
    return dict(found)


def _columns(model: Mapping[str, Any]) -> Iterator[Column]:
    """The columns whose type the model tells: its inputs, and a target of classes."""
    kinds = {column["name"]: column["type"] for column in model["inputs"]}
    target = model["preprocessing"]["target"]
    if target["type"] == "class":
        is_text = any(isinstance(one, str) for one in target["classes"])
        kinds[target["name"]] = "categorical" if is_text else "numeric"
    for name, kind in kinds.items():
        if kind == "numeric":
            yield NumericColumn(name=name, missing=0, distinct=0, whole_numbers=False)
        else:
            yield CategoricalColumn(name=name, missing=0, distinct=0)
