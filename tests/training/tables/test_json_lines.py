"""JSON lines: what is read, and the line of what cannot be."""

import pytest

from deltarule.training.errors import DataError
from deltarule.training.tables import chunk, read


def test_what_a_line_leaves_out_is_missing() -> None:
    table = read(b'{"a": 1, "b": "x"}\r\n\n{"a": null}\n{"c": true, "a": 2.5}', "ndjson")
    assert table.schema.rows == 3
    assert table.frame.rows() == [(1.0, "x", None), (None, None, None), (2.5, None, "true")]
    assert [column.missing for column in table.schema.columns] == [1, 2, 2]


def test_columns_may_appear_and_pause_in_any_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 1)
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 2)
    table = read(b'{"a": 1}\n{"a": 2}\n{"b": "x"}\n{"b": "y"}\n{"a": 3, "b": null}', "ndjson")
    assert table.frame.rows() == [(1.0, None), (2.0, None), (None, "x"), (None, "y"), (3.0, None)]
    with pytest.raises(DataError, match="row 3, column a: 'x' is a text, but earlier values there are numbers"):
        read(b'{"a": 1}\n{"a": 2}\n{"a": "x"}', "ndjson")
    with pytest.raises(DataError, match="row 3, column a: a number, but earlier values there are texts"):
        read(b'{"a": "x"}\n{"a": "y"}\n{"a": 1}', "ndjson")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "The table has no rows; send at least one."),
        (b"\n \n", "The table has no rows; send at least one."),
        (b'{"a": 1}\n[1]', "Line 2 is no JSON object with values by column name."),
        (b'{"a": 1}\n{}', "Line 2 is no JSON object with values by column name."),
        (b'{"a": 1}\n{"a": 2', "Line 2 is not JSON: "),
        (b'{"a": NaN}', "Line 1: NaN is no JSON; write null where a value is missing."),
        (b'{"a": 1, "a": 2}', "Line 1: the key a stands twice in one object."),
        (b'{"a": 1}\n\n{"a": "x"}', "row 2, column a: the text 'x', but a number is expected there."),
        (b'{"a": 1}\n{"a": 1e101}', "row 2, column a: the number is infinite or too large"),
        (b'{"": 1}', "Column 1 has no name; every column needs one."),
        (b'{"a": "' + b"x" * (1 << 24) + b'"}', "Line 1 is longer than 16777216 bytes; each line must be one row."),
    ],
)
def test_what_is_wrong_is_said(source: bytes, sentence: str) -> None:
    with pytest.raises(DataError) as raised:
        read(source, "ndjson")
    assert str(raised.value).startswith(sentence)
    assert raised.value.pointer is None
