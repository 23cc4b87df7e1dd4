import pytest

from deltarule.training.errors import FAULTS_TOLD, DataError, RowsError
from deltarule.training.tables.csv_rows import from_csv
from deltarule.training.tables.schema import CategoricalColumn, Column, NumericColumn

COLUMNS: tuple[Column, ...] = (
    NumericColumn(name="a/b", missing=0, distinct=2, whole_numbers=False),
    CategoricalColumn(name="kind", missing=0, distinct=2, categories=("x", "y")),
    CategoricalColumn(name="flag", missing=0, distinct=2, categories=("false", "true")),
)
OTHERS = frozenset({"target"})


def test_columns_come_in_their_order_and_types() -> None:
    frame = from_csv(b"flag,target,kind,a/b\nTRUE,?,7, 1.5 \n,,NA,\n", COLUMNS, OTHERS)
    assert frame.to_dict(as_series=False) == {"a/b": [1.5, None], "kind": ["7", None], "flag": ["true", None]}


def test_a_column_that_is_not_there_is_missing_in_every_row() -> None:
    frame = from_csv(b"kind\nx\ny\n", COLUMNS, OTHERS)
    assert frame.to_dict(as_series=False) == {"a/b": [None, None], "kind": ["x", "y"], "flag": [None, None]}


def test_every_faulty_cell_is_told_with_its_row_and_line() -> None:
    with pytest.raises(RowsError) as caught:
        from_csv(b"a/b,kidn\n1,x\n\nlong,y\n1e200,z\n", COLUMNS, OTHERS)
    assert [(fault.pointer, fault.detail) for fault in caught.value.faults] == [
        ("/rows/0/kidn", "There is no column kidn; did you mean kind?"),
        ("/rows/1/a~1b", "row 2 (line 4), column a/b: 'long' is not a number, and the column holds numbers."),
        (
            "/rows/2/a~1b",
            "row 3 (line 5), column a/b: the number is infinite or too large; its size may be at most 1e+100.",
        ),
    ]


def test_of_many_faults_the_first_are_told() -> None:
    with pytest.raises(RowsError) as caught:
        from_csv(b"a/b,kind\n" + b"long,x\n" * 5000, COLUMNS, OTHERS)
    assert len(caught.value.faults) == FAULTS_TOLD


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"kind\n", "no rows"), (b"kind,flag\nx\n", "Row 1")])
def test_what_is_no_table_is_told(content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        from_csv(content, COLUMNS, OTHERS)
