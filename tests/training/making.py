"""Tables, jobs and runs, made in one line."""

import json
from typing import Any

from deltarule.training.model import Model
from deltarule.training.resolution import resolve
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import Table, read


def table_of(**columns: list[Any]) -> Table:
    return read(json.dumps({"columns": columns}).encode(), "json")


def arrays(inputs: list[list[Any]], targets: list[Any]) -> Table:
    return read(json.dumps({"inputs": inputs, "targets": targets}).encode(), "json")


def job(**fields: object) -> Spec:
    return Spec.model_validate_json(json.dumps({"dataset_id": "d", **fields}))


def started(table: Table, validation: Table | None = None, continued: Model | None = None, **fields: object) -> Run:
    return Run(resolve(job(**fields), table.schema, continued), table, validation, continued)


def finished(table: Table, validation: Table | None = None, continued: Model | None = None, **fields: object) -> Run:
    run = started(table, validation, continued, **fields)
    while not run.finished:
        run.advance(0.05)
    return run


ISLANDS = ["Biscoe", "Dream", "Torgersen"]


def animals(rows: int = 60) -> Table:
    """Three species that a length and an island tell apart, with gaps."""
    species = [("Adelie", "Chinstrap", "Gentoo")[row % 3] for row in range(rows)]
    length: list[float | None] = [10.0 * (row % 3) + (row * 7 % 11) / 11 for row in range(rows)]
    island: list[str | None] = [ISLANDS[row % 3 if row % 5 else 0] for row in range(rows)]
    length[4], island[7] = None, None
    return table_of(length=length, island=island, species=species)


def line(rows: int = 40) -> Table:
    """y = 3 x + 100, and a column that says nothing."""
    x = [(row * 17 % rows) / rows for row in range(rows)]
    return table_of(x=x, noise=[(row * 31 % 7) / 7 for row in range(rows)], y=[3 * value + 100 for value in x])
