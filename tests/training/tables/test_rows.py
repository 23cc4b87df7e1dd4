"""Rows in and out: predictions, inline data, previews."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.errors import DataError
from deltarule.training.spec import InlineData
from deltarule.training.tables import (
    CategoricalColumn,
    NumericColumn,
    describe,
    from_inline,
    from_rows,
    head,
    read,
)
from deltarule.training.tables.delimited import chunks
from deltarule.training.tables.rows import typed

COLUMNS = (
    CategoricalColumn(name="island", missing=0, distinct=2, categories=("Biscoe", "Dream")),
    NumericColumn(name="a/b~", missing=0, distinct=3, whole_numbers=True),
    CategoricalColumn(name="truth", missing=0, distinct=2, categories=("false", "true")),
)


def test_rows_become_a_table_of_the_columns_the_model_knows() -> None:
    table = from_rows(
        [{"a/b~": 3}, {"truth": True, "island": " Elsewhere "}, {"truth": "false", "island": "NA"}], COLUMNS
    )
    assert table.schema.names == ("island", "a/b~", "truth")
    assert [column.type for column in table.schema.columns] == ["categorical", "numeric", "categorical"]
    assert table.frame.rows() == [(None, 3.0, None), ("Elsewhere", None, "true"), (None, None, "false")]


def test_columns_without_any_value_keep_their_types() -> None:
    table = from_rows([{}], COLUMNS)
    assert [column.type for column in table.schema.columns] == ["categorical", "numeric", "categorical"]
    assert [str(dtype) for dtype in table.frame.dtypes] == ["String", "Float64", "String"]


@pytest.mark.parametrize(
    ("rows", "sentence", "pointer"),
    [
        ([], "There are no rows; send at least one.", "/rows"),
        ([{}, 3], "Row 2 is no object of values by column name.", "/rows/1"),
        ([{}, {"x/y": 1}], "Row 2: x/y is no input column; the input columns are island, a/b~, truth.", "/rows/1/x~1y"),
        ([{"a/b~": "3"}], "row 1, column a/b~: the text '3', but a number is expected there.", "/rows/0/a~1b~0"),
        ([{"a/b~": True}], "row 1, column a/b~: the boolean 'true', but a number is expected there.", "/rows/0/a~1b~0"),
        ([{"a/b~": float("inf")}], "row 1, column a/b~: the number is infinite or too large;", "/rows/0/a~1b~0"),
        ([{"a/b~": 10**400}], "row 1, column a/b~: the number is infinite or too large;", "/rows/0/a~1b~0"),
        ([{"island": 1}], "row 1, column island: the number '1', but a text is expected there.", "/rows/0/island"),
        ([{"island": False}], "row 1, column island: the boolean 'false', but a text is expected", "/rows/0/island"),
        ([{"island": ["x"]}], "row 1, column island: a list or an object, but a text is expected", "/rows/0/island"),
        ([{"island": "\0"}], "row 1, column island: the text holds a NUL character", "/rows/0/island"),
    ],
)
def test_what_is_wrong_is_said_with_its_pointer(rows: list[Any], sentence: str, pointer: str) -> None:
    with pytest.raises(DataError) as raised:
        from_rows(rows, COLUMNS)
    assert str(raised.value).startswith(sentence)
    assert raised.value.pointer == pointer


def test_many_unknown_names_do_not_make_a_long_sentence() -> None:
    columns = [NumericColumn(name=f"c{n}", missing=0, distinct=1, whole_numbers=True) for n in range(100)]
    with pytest.raises(DataError, match=r"are c0, c1, .*, c19, …\.$"):
        from_rows([{"x": 1}], columns)


@given(value=st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
def test_any_value_is_a_row_or_a_refusal(value: object) -> None:
    for column in COLUMNS:
        try:
            table = from_rows([{column.name: value}], COLUMNS)
        except DataError as error:
            assert (error.pointer or "").startswith("/rows/0/")  # noqa: PT017
        else:
            assert table.frame.height == 1


@pytest.mark.parametrize(
    "document",
    [
        {"inputs": [[1, 2.5], [3, 4]], "targets": ["ä", None]},
        {"inputs": [[1.0], [0.1]], "targets": [[1, -1], [0, 1]]},
        {"columns": {"z": [1, None, 0.1], "a": ["x", None, "y"], "t": [True, False, None]}},
    ],
)
def test_inline_data_is_the_dataset_it_says(document: dict[str, Any]) -> None:
    data = InlineData.model_validate(document)
    source = from_inline(data)
    assert source == from_inline(InlineData.model_validate(document))
    frame = read(source, "json").frame
    if "columns" in document:
        assert frame.to_dict(as_series=False) == {**document["columns"], "t": ["true", "false", None]}
    else:
        assert frame.select("^input_.*$").rows() == [tuple(row) for row in document["inputs"]]


def test_the_first_rows_of_a_table() -> None:
    table = read(Path("examples/penguins.csv"), "csv")
    rows = head(table, 4)
    assert len(rows) == 4
    assert rows[0]["species"] == "Adelie"
    assert rows[0]["bill_length_mm"] == 39.1
    assert rows[3]["bill_length_mm"] is None


def test_a_part_of_a_table_has_the_types_of_the_whole() -> None:
    schema = describe(b"number,text\n1,7\n2,x\n", "csv")
    part = next(chunks(b"number,text,more\n,7,q\n3,8,r\n"))
    table = typed(part, schema)
    assert table.frame.rows() == [(None, "7", "q"), (3.0, "8", "r")]
    with pytest.raises(DataError, match=r"row 2 \(line 3\), column number: 'abc' is not a number"):
        typed(next(chunks(b"number,text\n1,7\nabc,8\n")), schema)
