"""Single rows, in and out: rows to predict, data inside a job, the first rows of a dataset."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from polars import DataFrame, Series

from deltarule.backprop.errors import Fault
from deltarule.training.errors import FAULTS_TOLD, DataError, RowsError
from deltarule.training.spec import InlineData
from deltarule.training.tables.cells import column
from deltarule.training.tables.chunk import Chunk
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema, Table
from deltarule.training.tables.stream import conforming
from deltarule.training.tables.survey import Survey
from deltarule.training.tables.values import shown_name

NAMES_SHOWN = 20
"""Column names that a sentence lists."""

_BOOLEANS = frozenset({"true", "false"})


def from_inline(data: InlineData) -> bytes:
    """The JSON dataset that inline data is: the same data always gives the same bytes."""
    document = data.model_dump(mode="json", exclude_none=True)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def from_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[NumericColumn | CategoricalColumn]) -> Table:
    """A table of these columns, of rows as a JSON document has them; what a row does not name is missing in it.

    Args:
        rows: values by column name: numbers for a numeric column, texts for a categorical one (or booleans, where its
            categories are true and false), None where missing.
        columns: as the model knows them; the table has them in this order, and of the same types.

    Raises:
        DataError: there are no rows.
        RowsError: with pointers like "/rows/0/name", each name that is no column and each value of the wrong kind.
    """
    if not rows:
        raise DataError("There are no rows; send at least one.", "/rows")
    faults = list(islice(_row_faults(rows, tuple(each.name for each in columns)), FAULTS_TOLD))
    made: list[Series] = []
    for each in columns:
        try:
            made.append(_column(each, [row.get(each.name) if isinstance(row, Mapping) else None for row in rows]))
        except DataError as error:
            faults += error.faults
    if faults:
        raise RowsError(sorted(faults, key=_row_of))
    schema = Schema(format="json", rows=len(rows), columns=tuple(columns))
    return Table(schema, conforming(Chunk(DataFrame(made)), schema))


def typed(chunk: Chunk, schema: Schema) -> Table:
    """The chunk as a table whose columns have the types of the schema; those it does not name speak for themselves.

    Raises:
        DataError: a text where the schema has a number, naming its row.
    """
    of_type = {column.name: column.type for column in schema.columns}
    seen = Survey(keep=True, texts=frozenset(name for name, type_ in of_type.items() if type_ == "categorical"))
    seen.add(chunk)
    seen.refuse_texts(frozenset(name for name, type_ in of_type.items() if type_ == "numeric"))
    return Table(schema.model_copy(update={"rows": seen.rows, "columns": seen.columns()}), seen.frame())


def head(table: Table, count: int) -> list[dict[str, float | str | None]]:
    """The first so many rows, by column name; None is a missing value."""
    return table.frame.head(count).to_dicts()


def _row_faults(rows: Sequence[object], names: tuple[str, ...]) -> Iterator[Fault]:
    known = set(names)
    listed = ", ".join(map(shown_name, names[:NAMES_SHOWN])) + (", …" if len(names) > NAMES_SHOWN else "")
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield Fault(f"/rows/{number}", f"Row {number + 1} is no object of values by column name.")
            continue
        for name in (name for name in row if name not in known):
            sentence = f"Row {number + 1}: {shown_name(name)} is no input column; the input columns are {listed}."
            yield Fault(f"/rows/{number}/{escaped(name)}", sentence)


def _row_of(fault: Fault) -> int:
    return int(fault.pointer.split("/")[2])


def _column(wanted: NumericColumn | CategoricalColumn, values: list[Any]) -> Series:
    def pointer(row: int) -> str:
        return f"/rows/{row}/{escaped(wanted.name)}"

    if wanted.type == "numeric":
        return column(wanted.name, values, pointer, "number")
    if wanted.categories and _BOOLEANS.issuperset(wanted.categories):
        values = [str(value).lower() if isinstance(value, bool) else value for value in values]
    return column(wanted.name, values, pointer, "text")
