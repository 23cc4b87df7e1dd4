import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import InvalidInput
from deltarule.client.frames import frame_of, is_frame, series_of, with_columns

COLUMNS: dict[str, list[Any]] = {
    "number": [0.1, None, 3.0],
    "whole": [1, 2, 3],
    "text": ["a", None, "c"],
    "truth": [True, False, True],
}
PLAIN = pl.DataFrame({**COLUMNS, "truth": ["true", "false", "true"]})


class Streamed:
    """A table of a library nobody has heard of, which Arrow can read."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.schema = frame.schema
        self.__arrow_c_stream__ = frame.__arrow_c_stream__


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(COLUMNS),
        pl.LazyFrame(COLUMNS),
        pd.DataFrame(COLUMNS),
        pd.DataFrame(COLUMNS).convert_dtypes(dtype_backend="numpy_nullable"),
        pd.DataFrame(COLUMNS, index=["x", "y", "z"]),
        Streamed(pl.DataFrame(COLUMNS)),
    ],
)
def test_frames_of_all_libraries_are_the_same_table(frame: object) -> None:
    assert is_frame(frame)
    assert frame_of(frame).fill_nan(None).equals(PLAIN)


@pytest.mark.parametrize("data", [{"a": [1]}, [[1]], np.zeros((2, 2)), pd.Series([1]), pl.Series([1]), pl.DataFrame, 1])
def test_what_is_no_frame_is_not_taken_for_one(data: object) -> None:
    assert not is_frame(data)


def test_categories_stay_categories_also_where_they_are_numbers() -> None:
    frame = pd.DataFrame({"size": pd.Categorical([1, 2, None, 1]), "yes": pd.Categorical([True, False, True, None])})
    assert frame_of(frame).to_dict(as_series=False) == {
        "size": ["1", "2", None, "1"],
        "yes": ["true", "false", "true", None],
    }
    assert frame_of(pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))}))["a"].to_list() == ["x", "y"]


def test_times_are_texts_durations_are_seconds_and_decimals_are_numbers() -> None:
    columns = {
        "day": [date(2026, 1, 2)],
        "moment": [datetime(2026, 1, 2, 3, 4, tzinfo=UTC)],
        "took": [timedelta(seconds=1.5)],
        "price": [Decimal("0.25")],
    }
    for frame in (pl.DataFrame(columns), pd.DataFrame(columns)):
        (row,) = frame_of(frame).rows()
        assert [str(value)[:10] for value in row] == ["2026-01-02", "2026-01-02", "1.5", "0.25"]


def test_numbers_keep_every_bit() -> None:
    numbers = np.random.default_rng(1).standard_normal(100) * 10.0 ** np.arange(-50, 50)
    assert frame_of(pd.DataFrame({"a": numbers}))["a"].to_numpy().tobytes() == numbers.tobytes()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([1, None], [1, None]),
        (["a", math.nan], ["a", None]),
        ([2**80, 1], [float(2**80), 1.0]),
        (np.array([1, 2.5, None], dtype=object), [1.0, 2.5, None]),
        (pd.Series(["a", None]), ["a", None]),
        (pl.Series([1, None]), [1, None]),
    ],
)
def test_a_column_is_of_one_kind(values: object, expected: list[object]) -> None:
    assert series_of("a", values).to_list() == expected


@pytest.mark.parametrize("values", [[1, "a"], [True, 2], np.array(["a", 1.5], dtype=object)])
def test_values_of_several_kinds_are_refused_with_their_column(values: object) -> None:
    with pytest.raises(InvalidInput, match="Column 'mixed' holds values of several kinds"):
        series_of("mixed", values)


def test_a_column_of_something_else_is_refused_with_its_type() -> None:
    with pytest.raises(InvalidInput, match="Column 'a' holds values of the type List"):
        frame_of(pl.DataFrame({"a": [[1]]}))
    with pytest.raises(InvalidInput, match="Column 'a' holds values of the type Object"):
        frame_of(pd.DataFrame({"a": [{1}]}))


@pytest.mark.parametrize("library", [pl, pd])
def test_infinity_is_refused_with_its_column(library: ModuleType) -> None:
    with pytest.raises(InvalidInput, match="Column 'a' holds infinity"):
        frame_of(library.DataFrame({"a": [1.0, math.inf]}))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInput, match="two columns 'a'"):
        frame_of(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_column_is_added_once_and_in_its_length() -> None:
    assert with_columns(PLAIN, [pl.Series("more", [1, 2, 3])]).columns == [*COLUMNS, "more"]
    with pytest.raises(InvalidInput, match="has a column 'text' already"):
        with_columns(PLAIN, [pl.Series("text", [1, 2, 3])])
    with pytest.raises(InvalidInput, match="3 rows, but 2 values of 'more'"):
        with_columns(PLAIN, [pl.Series("more", [1, 2])])
