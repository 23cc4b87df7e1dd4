import json
from pathlib import Path

import polars
import pytest

from deltarule.training.errors import DataError
from deltarule.training.tables import Format, chunk, describe, read, stream, stream_of
from tests.training.making import animals

CSV = "truth,text,number,code\n" + "True, a ,1.5,7\n" * 60 + "FALSE,NA,,x\n" * 30 + "true,b,2.5,8\n" * 60


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 25)
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 25)


def test_parts_have_the_types_of_the_whole_table(tmp_path: Path) -> None:
    """Truth values in small letters, texts that look like numbers, blanks and gaps: as `read` has them."""
    path = tmp_path / "table.csv"
    path.write_text(CSV)
    parts = list(stream(path, "csv", describe(path, "csv")).parts())
    assert len(parts) > 3
    assert polars.concat(parts).equals(read(path, "csv").frame)


def test_columns_that_a_part_does_not_have_are_missing_in_it() -> None:
    rows = [{"a": 1}] * 30 + [{"b": "x"}] * 30 + [{"a": 2, "b": None}] * 30
    source = "\n".join(map(json.dumps, rows)).encode()
    parts = list(stream(source, "ndjson", describe(source, "ndjson")).parts())
    assert polars.concat(parts).equals(read(source, "ndjson").frame)


@pytest.mark.parametrize(
    ("format", "before", "after", "sentence"),
    [
        ("csv", "x\n1\n", "x\n" + "1\n" * 40 + "one\n", "row 41, column x: 'one' is not a number"),
        ("csv", "x\n1\n", "x\n" + "1\n" * 40 + "1e300\n", "row 41, column x: the number is infinite or too large"),
        ("ndjson", '{"x": "a"}\n', '{"x": "a"}\n' * 40 + '{"x": 5}\n', "row 41, column x"),
    ],
)
def test_a_source_that_is_no_longer_what_was_described(
    format: Format,  # noqa: A002
    before: str,
    after: str,
    sentence: str,
) -> None:
    rows = stream(after.encode(), format, describe(before.encode(), format))
    with pytest.raises(DataError, match=sentence):
        list(rows.parts())


def test_a_table_in_memory_comes_in_parts_too() -> None:
    table = animals(100)
    parts = list(stream_of(table).parts())
    assert len(parts) == 4
    assert polars.concat(parts).equals(table.frame)
