"""Tables of other libraries, taken as they are: the frames of polars, pandas and Arrow become plain columns.

A plain column holds numbers or texts, as the service knows them. polars, which reads all of these frames and writes
Parquet, is loaded by the first one that is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from deltarule.client.errors import InvalidInput

if TYPE_CHECKING:
    import polars


class Frame(Protocol):
    """What the frames of polars, pandas and Arrow have in common."""

    @property
    def columns(self) -> Any:  # noqa: ANN401 - names here, arrays there
        """Its columns, or their names."""

    @property
    def shape(self) -> Any:  # noqa: ANN401 - a pair
        """Rows and columns."""


def is_frame(data: object) -> bool:
    """Whether this is a table of a library: of polars (lazy ones too), pandas, Arrow, or one that Arrow can read."""
    if isinstance(data, Mapping | type):
        return False
    return hasattr(data, "collect_schema") or (hasattr(data, "columns") and hasattr(data, "shape")) or _streams(data)


def frame_of(data: Any) -> polars.DataFrame:  # noqa: ANN401 - a frame of any library
    """The same table as a polars frame of plain columns.

    Raises:
        InvalidInput: for a column whose values are neither numbers, texts, truth values nor times.
    """
    import polars  # noqa: PLC0415 - loaded by the first frame

    if hasattr(data, "collect_schema") and hasattr(data, "collect"):
        data = data.collect()
    elif hasattr(data, "iloc"):
        columns = [series_of(str(name), data.iloc[:, place]) for place, name in enumerate(data.columns)]
        return plain(assembled(columns))
    return plain(data if isinstance(data, polars.DataFrame) else polars.DataFrame(data))


def series_of(name: str, values: Any) -> polars.Series:  # noqa: ANN401 - a series, an array or a list
    """The values of one column under this name, missing ones as null or NaN.

    Raises:
        InvalidInput: for values of several kinds, or of none that the service knows.
    """
    import polars  # noqa: PLC0415 - loaded by the first frame

    if isinstance(values, polars.Series):
        return values.alias(name)
    dtype = getattr(values, "dtype", None)
    if getattr(dtype, "kind", "O") in "biuf" and type(dtype).__module__.startswith("numpy"):
        return polars.Series(name, values.to_numpy() if hasattr(values, "to_numpy") else values)
    if hasattr(values, "notna"):
        listed = values.astype(object).where(values.notna(), None).tolist()
        return _from_list(name, [_text(value) for value in listed] if hasattr(values, "cat") else listed)
    return _from_list(name, values.tolist() if hasattr(values, "tolist") else list(values))


def assembled(columns: Sequence[polars.Series]) -> polars.DataFrame:
    """The columns as one frame.

    Raises:
        InvalidInput: for columns of different lengths, or of the same name.
    """
    import polars  # noqa: PLC0415 - loaded by the first frame

    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"The table has two columns {name!r}.", "Give each column a name of its own.")
    if len({len(column) for column in columns}) > 1:
        lengths = ", ".join(f"{column.name!r} {len(column)}" for column in columns)
        raise InvalidInput(f"The columns have different lengths: {lengths}.")
    return polars.DataFrame(list(columns))


def with_columns(frame: polars.DataFrame, columns: Sequence[polars.Series]) -> polars.DataFrame:
    """The frame with these columns at its end.

    Raises:
        InvalidInput: for one of another length, or of a name that is there already.
    """
    for column in columns:
        if column.name in frame.columns:
            raise InvalidInput(
                f"The data has a column {column.name!r} already.", f"Name it instead: target={column.name!r}."
            )
        if len(column) != frame.height:
            raise InvalidInput(f"There are {frame.height} rows, but {len(column)} values of {column.name!r}.")
    return plain(frame.hstack(list(columns)))


def plain(frame: polars.DataFrame) -> polars.DataFrame:
    """The frame with every column as numbers or texts: truth values as "false" and "true", times as ISO 8601.

    Raises:
        InvalidInput: for infinite numbers, and for columns of lists, structures, bytes or objects.
    """
    import polars  # noqa: PLC0415 - loaded by the first frame

    for series in frame:
        if series.dtype.is_float() and series.is_infinite().any():
            raise InvalidInput(f"Column {series.name!r} holds infinity, from which nothing can be learnt.", MISSING)
    return frame.select(_plain(polars.col(name), name, dtype) for name, dtype in frame.schema.items())


MISSING = "Leave the value out instead: None or NaN is a missing one."


def _plain(column: polars.Expr, name: str, dtype: polars.DataType) -> polars.Expr:
    import polars  # noqa: PLC0415 - loaded by the first frame

    if dtype.is_decimal() or dtype in (polars.Int128, polars.UInt128):
        return column.cast(polars.Float64)
    if dtype.is_numeric() or dtype in (polars.Null, polars.String):
        return column
    if dtype == polars.Duration:
        return column.dt.total_seconds(fractional=True)
    if dtype in (polars.Boolean, polars.Categorical, polars.Enum) or dtype.is_temporal():
        return column.cast(polars.String)
    raise InvalidInput(
        f"Column {name!r} holds values of the type {dtype}.",
        "Columns of numbers, texts, truth values and times can be sent; drop it, or make it one of them.",
    )


def _from_list(name: str, values: list[Any]) -> polars.Series:
    import polars  # noqa: PLC0415 - loaded by the first frame

    values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    try:
        return polars.Series(name, values)
    except (TypeError, OverflowError, polars.exceptions.PolarsError) as error:
        if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
            return polars.Series(name, [None if value is None else float(value) for value in values])
        raise InvalidInput(f"Column {name!r} holds values of several kinds.", "Make them all of one kind.") from error


def _text(value: object) -> str | None:
    """A category as the service writes it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _streams(data: object) -> bool:
    """Whether Arrow reads it as a table; a single column has no schema."""
    return hasattr(data, "__arrow_c_stream__") and hasattr(data, "schema")
