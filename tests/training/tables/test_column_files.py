"""Parquet: what is read, and that no file can take the process down."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars
import pytest

from deltarule.training.errors import DataError
from deltarule.training.tables import describe, read
from deltarule.training.tables.survey import TABLE_LIMIT


def written(frame: polars.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def refusal(source: bytes, limit: int = TABLE_LIMIT) -> str:
    with pytest.raises(DataError) as raised:
        describe(source, "parquet", limit)
    return str(raised.value)


def test_columns_of_every_plain_type(tmp_path: Path) -> None:
    frame = polars.DataFrame(
        {
            " number ": [1.5, float("nan"), None],
            "whole": polars.Series([1, 2, 3], dtype=polars.UInt8),
            "decimal": [Decimal("1.25"), None, Decimal(2)],
            "truth": [True, None, False],
            "text": ["a", " b ", "NA"],
            "category": polars.Series(["u", "v", None], dtype=polars.Categorical),
            "day": [date(2020, 1, 31), None, None],
            "time": [None, None, datetime(2020, 1, 31, 12, 30)],  # noqa: DTZ001
            "nothing": [None, None, None],
        }
    )
    path = tmp_path / "table.parquet"
    path.write_bytes(written(frame))
    table = read(path, "parquet")
    assert table.frame.to_dict(as_series=False) == {
        "number": [1.5, None, None],
        "whole": [1.0, 2.0, 3.0],
        "decimal": [1.25, None, 2.0],
        "truth": ["true", None, "false"],
        "text": ["a", "b", None],
        "category": ["u", "v", None],
        "day": ["2020-01-31", None, None],
        "time": [None, None, "2020-01-31 12:30:00.000000"],
        "nothing": [None, None, None],
    }
    assert table.schema == describe(written(frame), "parquet")


def test_columns_of_other_types_are_refused() -> None:
    said = refusal(written(polars.DataFrame({"a": [[1], [2]]})))
    assert said == "Column 'a' has the type List(Int64); columns of numbers, texts, truth values and times are read."


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1.0, float("inf")], "row 2, column a: the number is infinite or too large"),
        (["x", "y\0"], "row 2, column a: the text holds a NUL character"),
        ([], "The table has no rows; send at least one."),
    ],
)
def test_values_that_no_table_holds_are_refused(values: list[Any], sentence: str) -> None:
    assert refusal(written(polars.DataFrame({"a": values}))).startswith(sentence)


def test_a_small_file_of_a_large_table_is_refused() -> None:
    source = written(polars.select(polars.repeat(0, 10_000_000).alias("a")))
    assert len(source) < 100_000
    assert refusal(source, limit=1 << 20).startswith("The table is too large: 10000000 rows of 1 columns do not fit")


def test_a_file_that_unfolds_to_a_thousand_times_its_size_is_refused_before_it_does() -> None:
    source = written(polars.select(polars.repeat(0, 10_000_000).alias("a")))
    assert 1000 * len(source) < 80_000_000
    said = refusal(source)
    assert said == "The table is too large: 10000000 rows of 1 columns do not fit into 67108864 bytes of memory."
    assert read(written(polars.select(polars.repeat(0, 1_000_000).alias("a"))), "parquet").schema.rows == 1_000_000


def test_damage_that_ends_the_unpacking_process_is_a_refusal() -> None:
    whole = written(polars.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}))
    for place in range(4, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            table = read(bytes(damaged), "parquet")
        except DataError as error:
            assert str(error)  # noqa: PT017
        else:
            assert table.schema.rows == table.frame.height
    assert refusal(b"").startswith("The file is no readable Parquet file")
