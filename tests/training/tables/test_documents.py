"""JSON datasets: what is read, and the pointer of what cannot be."""

import pytest

from deltarule.training.errors import DataError
from deltarule.training.tables import CategoricalColumn, NumericColumn, read


def refusal(source: bytes) -> tuple[str, str | None]:
    with pytest.raises(DataError) as raised:
        read(source, "json")
    return str(raised.value), raised.value.pointer


def test_inputs_and_labels() -> None:
    table = read(b'{"inputs": [[1, 2.5], [null, -3e2]], "targets": ["b", " a "]}', "json")
    assert table.schema.targets == "one_dimensional"
    assert table.schema.names == ("input_0", "input_1", "target_0")
    assert table.frame.rows() == [(1.0, 2.5, "b"), (None, -300.0, "a")]
    assert table.schema.column("target_0") == CategoricalColumn(
        name="target_0", missing=0, distinct=2, categories=("a", "b")
    )


@pytest.mark.parametrize(("targets", "values"), [("[0.5, null]", [0.5, None]), ("[true, false]", ["true", "false"])])
def test_one_dimensional_targets_are_of_any_kind(targets: str, values: list[object]) -> None:
    table = read(f'{{"inputs": [[1], [2]], "targets": {targets}}}'.encode(), "json")
    assert table.frame["target_0"].to_list() == values
    assert table.schema.targets == "one_dimensional"


def test_two_dimensional_targets_are_columns() -> None:
    table = read(b'{"inputs": [[0, 1], [1, 0]], "targets": [[1, -1], [0.5, 2]]}', "json")
    assert table.schema.targets == "two_dimensional"
    assert table.frame.select("target_0", "target_1").rows() == [(1.0, -1.0), (0.5, 2.0)]


def test_columns_by_name_keep_their_order_and_their_types() -> None:
    table = read('\ufeff{"columns": {" z ": [1, null], "a": ["1", "é"], "b": [null, true]}}'.encode(), "json")
    assert table.schema.targets == "none"
    assert table.frame.to_dict(as_series=False) == {"z": [1.0, None], "a": ["1", "é"], "b": [None, "true"]}
    assert table.schema.column("z") == NumericColumn(
        name="z", missing=1, distinct=1, whole_numbers=True, minimum=1.0, maximum=1.0, mean=1.0
    )


def test_a_column_without_values_is_numeric_and_all_missing() -> None:
    column = read(b'{"columns": {"a": [null, null]}}', "json").schema.column("a")
    assert column == NumericColumn(name="a", missing=2, distinct=0, whole_numbers=False)


FORMS = 'Send {"inputs": [[...], ...], "targets": [...]} or {"columns": {"name": [...], ...}}.'


@pytest.mark.parametrize(
    ("source", "sentence", "pointer"),
    [
        (b"", "The document is not JSON: Expecting value: line 1 column 1 (char 0).", ""),
        (b'{"inputs": [[1]],}', "The document is not JSON: ", ""),
        (
            b'{"inputs": [[NaN]], "targets": [1]}',
            "The document: NaN is no JSON; write null where a value is missing.",
            "",
        ),
        (b'{"inputs": [[-Infinity]], "targets": [1]}', "The document: -Infinity is no JSON;", ""),
        (b"\xff", "The document is not UTF-8, at byte 1.", ""),
        (b"[" * 100_000, "The document is nested too deeply.", ""),
        (b"1" * 5000, "The document is not JSON: Exceeds the limit", ""),
        (b"[]", f"The document is no dataset. {FORMS}", ""),
        (b"{}", f"The document is no dataset. {FORMS}", ""),
        (b'{"inputs": [[1]], "targets": [1], "columns": {}}', "The document is no dataset. ", ""),
        (
            b'{"inputs": [[1]], "targets": [1], "targets": [2]}',
            "The document: the key targets stands twice in one object.",
            "",
        ),
        (b'{"inputs": [], "targets": []}', "The table has no rows; send at least one.", None),
        (b'{"columns": {}}', "The table has no rows; send at least one.", None),
        (
            b'{"inputs": [[1, 2], [3]], "targets": [1, 2]}',
            "Row 2 of inputs has 1 value, but the first row has 2.",
            "/inputs/1",
        ),
        (
            b'{"inputs": [1], "targets": [1]}',
            "Row 1 of inputs is no list, but each row must be a list of numbers.",
            "/inputs/0",
        ),
        (b'{"inputs": [[]], "targets": [1]}', "Row 1 of inputs has 0 values, but each row must be", "/inputs/0"),
        (b'{"inputs": [[1], [2]], "targets": [1]}', "There are 2 rows of inputs, but 1 of targets.", "/targets"),
        (
            b'{"inputs": [[1]], "targets": [[1], 2]}',
            "Row 2 of targets is no list, but the first row has 1.",
            "/targets/1",
        ),
        (
            b'{"inputs": [[1, 2], [3, "x"]], "targets": [1, 2]}',
            "row 2, column input_1: the text 'x', but a number is expected there.",
            "/inputs/1/1",
        ),
        (
            b'{"inputs": [[true]], "targets": [1]}',
            "row 1, column input_0: the boolean 'true', but a number",
            "/inputs/0/0",
        ),
        (
            b'{"inputs": [[1]], "targets": [["a"]]}',
            "row 1, column target_0: the text 'a', but a number",
            "/targets/0/0",
        ),
        (
            b'{"inputs": [[1], [2]], "targets": [1, "a"]}',
            "row 2, column target_0: the text 'a', but a number",
            "/targets/1",
        ),
        (
            b'{"inputs": [[1], [1e999]], "targets": [1, 2]}',
            "row 2, column input_0: the number is infinite",
            "/inputs/1/0",
        ),
        (
            b'{"inputs": [[1' + b"0" * 400 + b']], "targets": [1]}',
            "row 1, column input_0: the number is inf",
            "/inputs/0/0",
        ),
        (b'{"columns": {"a": [1], "b": [1, 2]}}', "Column b has 2 values, but column a has 1.", "/columns"),
        (b'{"columns": {"a": 1}}', "Column a must be a list of values.", "/columns/a"),
        (b'{"columns": {"": [1]}}', "Column 1 has no name; every column needs one.", "/columns"),
        (b'{"columns": {"a": [1], " a": [1]}}', "Columns 1 and 2 have the same name, 'a'.", "/columns"),
        (
            b'{"columns": {"x/y~": ["a", {}]}}',
            "row 2, column x/y~: a list or an object, but a text is expected there.",
            "/columns/x~1y~0/1",
        ),
        (b'{"columns": {"a": [[1]]}}', "row 1, column a: a list or an object, but a value must be", "/columns/a/0"),
        (
            b'{"columns": {"a": ["x", "\\ud800"]}}',
            "row 2, column a: the text holds half of a surrogate",
            "/columns/a/1",
        ),
        (b'{"columns": {"a": ["\\u0000"]}}', "row 1, column a: the text holds a NUL character", "/columns/a/0"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(source: bytes, sentence: str, pointer: str | None) -> None:
    said, at = refusal(source)
    assert said.startswith(sentence)
    assert at == pointer
