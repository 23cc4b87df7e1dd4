"""A JSON dataset says by itself what is a number and what a text; what it leaves open is refused, not guessed."""

import json
from typing import Any, NoReturn

from polars import DataFrame, Series

from deltarule.training.errors import DataError, MalformedError
from deltarule.training.tables.cells import column
from deltarule.training.tables.chunk import COLUMNS_LIMIT, Chunk
from deltarule.training.tables.schema import TargetShape
from deltarule.training.tables.source import Source, opened, size
from deltarule.training.tables.values import checked_names, counted, shown_name

DOCUMENT_LIMIT = 1 << 26
"""Bytes of a JSON dataset, which has to be parsed as a whole."""

_FORMS = 'Send {"inputs": [[...], ...], "targets": [...]} or {"columns": {"name": [...], ...}}.'


def chunk(source: Source) -> tuple[Chunk, TargetShape]:
    """The one chunk of a JSON dataset, and how many dimensions its targets have.

    Raises:
        DataError: with the pointer of what is wrong: no JSON, NaN or infinity, rows of different lengths, values of
            different kinds in a column.
    """
    if size(source) > DOCUMENT_LIMIT:
        raise DataError(
            f"A JSON dataset may have at most {DOCUMENT_LIMIT} bytes; send a larger one as CSV, Parquet or JSON lines."
        )
    with opened(source) as stream:
        document = parsed(stream.read(), "The document")
    match document:
        case {"columns": dict(columns), **rest} if not rest:
            return Chunk(_named(columns)), "none"
        case {"inputs": list(inputs), "targets": list(targets), **rest} if not rest:
            return _arrays(inputs, targets)
    raise DataError(f"The document is no dataset. {_FORMS}", "")


def parsed(text: bytes, what: str) -> Any:  # noqa: ANN401
    """Strict JSON: UTF-8, no NaN, no infinity, no key twice, no endless nesting.

    Raises:
        MalformedError: saying where it ends to be JSON.
        DataError: for a key that stands twice, or a constant that JSON has not.
    """
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_object)
    except DataError as error:
        raise DataError(f"{what}: {error}", "") from error
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not UTF-8, at byte {error.start + 1}.", "") from error
    except RecursionError as error:
        raise MalformedError(f"{what} is nested too deeply.", "") from error
    except ValueError as error:
        raise MalformedError(f"{what} is not JSON: {error}.", "") from error


def _refuse_constant(constant: str) -> NoReturn:
    raise DataError(f"{constant} is no JSON; write null where a value is missing.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DataError(f"the key {shown_name(twice)} stands twice in one object.")
    return document


def escaped(key: str) -> str:
    """A key as a JSON Pointer writes it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _named(columns: dict[str, Any]) -> DataFrame:
    names = checked_names((key.strip() for key in columns), "/columns")
    series = [_named_column(name, key, columns[key]) for name, key in zip(names, columns, strict=True)]
    return _frame(series, "/columns")


def _named_column(name: str, key: str, values: object) -> Series:
    pointer = f"/columns/{escaped(key)}"
    if not isinstance(values, list):
        raise DataError(f"Column {shown_name(name)} must be a list of values.", pointer)
    return column(name, values, lambda row: f"{pointer}/{row}")


def _arrays(inputs: list[Any], targets: list[Any]) -> tuple[Chunk, TargetShape]:
    columns = _matrix("input", inputs, "/inputs")
    two_dimensional = bool(targets) and isinstance(targets[0], list)
    if two_dimensional:
        columns += _matrix("target", targets, "/targets")
    else:
        columns.append(column("target_0", targets, lambda row: f"/targets/{row}"))
    if len(inputs) != len(targets):
        raise DataError(
            f"There are {counted(len(inputs), 'row')} of inputs, but {len(targets)} of targets.", "/targets"
        )
    return Chunk(_frame(columns, "")), "two_dimensional" if two_dimensional else "one_dimensional"


def _matrix(name: str, rows: list[Any], pointer: str) -> list[Series]:
    """One column of numbers for each place in the rows, which all have the length of the first."""
    width = len(rows[0]) if rows and isinstance(rows[0], list) else 0
    if width > COLUMNS_LIMIT:
        raise DataError(f"The rows have {width} values; at most {COLUMNS_LIMIT} are possible.", f"{pointer}/0")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width or not row:
            found = f"has {counted(len(row), 'value')}" if isinstance(row, list) else "is no list"
            wanted = f"the first row has {width}" if width else "each row must be a list of numbers"
            raise DataError(f"Row {number + 1} of {pointer[1:]} {found}, but {wanted}.", f"{pointer}/{number}")
    return [_matrix_column(f"{name}_{at}", rows, at, pointer) for at in range(width)]


def _matrix_column(name: str, rows: list[list[Any]], at: int, pointer: str) -> Series:
    return column(name, [row[at] for row in rows], lambda row: f"{pointer}/{row}/{at}", "number")


def _frame(columns: list[Series], pointer: str) -> DataFrame:
    lengths = [len(series) for series in columns]
    if len(set(lengths)) > 1:
        other = next(number for number, length in enumerate(lengths) if length != lengths[0])
        raise DataError(
            f"Column {shown_name(columns[other].name)} has {counted(lengths[other], 'value')}, "
            f"but column {shown_name(columns[0].name)} has {lengths[0]}.",
            pointer,
        )
    return DataFrame(columns)
