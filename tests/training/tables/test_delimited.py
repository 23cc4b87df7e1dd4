"""CSV: what is read, and what is said of what cannot be."""

import csv
import io
import re
import statistics
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from deltarule.training.errors import DataError
from deltarule.training.tables import CategoricalColumn, NumericColumn, chunk, describe, read

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MISSING = {"", "NA", "N/A", "NaN", "nan", "null", "None", "?"}


def written(rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
    return text.getvalue().encode()


def values(source: bytes, column: str) -> list[object]:
    return read(source, "csv").frame[column].to_list()


def refusal(source: bytes) -> str:
    with pytest.raises(DataError) as raised:
        read(source, "csv")
    return str(raised.value)


def test_penguins() -> None:
    schema = describe(Path("examples/penguins.csv"), "csv")
    assert schema.rows == 344
    assert schema.column("species") == CategoricalColumn(
        name="species", missing=0, distinct=3, categories=("Adelie", "Chinstrap", "Gentoo")
    )
    bill = schema.column("bill_length_mm")
    assert isinstance(bill, NumericColumn)
    assert (bill.missing, bill.minimum, bill.maximum, bill.whole_numbers) == (2, 32.1, 59.6, False)
    assert round(bill.mean or 0, 2) == 43.92
    assert round(bill.standard_deviation or 0, 2) == 5.46
    assert schema.column("sex").missing == 11


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    source = written([["a", "b, or; c", "d"], ["1", "x", "2.5"]], delimiter)
    table = read(source, "csv")
    assert table.schema.names == ("a", "b, or; c", "d")
    assert table.frame.rows() == [(1.0, "x", 2.5)]


def test_a_decimal_comma_is_read_where_semicolons_delimit() -> None:
    assert values(b"a;b\n1,5;x\n-2,25;y\n3.5;z\n", "a") == [1.5, -2.25, 3.5]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_marks_line_ends_and_empty_lines_do_not_matter(mark: bytes, end: bytes) -> None:
    table = read(mark + end.join([b'"a",b', b"1,x", b"", b"  ", b"2,y", b"", b""]), "csv")
    assert table.schema.names == ("a", "b")
    assert table.frame.rows() == [(1.0, "x"), (2.0, "y")]


def test_missing_markers_are_missing_in_numbers_and_in_texts() -> None:
    markers = ["", " ", "NA", "N/A", "NaN", "nan", "null", "None", "?", ' "" ']
    source = b"number,text\n1,a\n" + b"".join(f"{each},{each}\n".encode() for each in markers[:-1])
    table = read(source, "csv")
    assert table.frame.rows() == [(1.0, "a")] + [(None, None)] * 9
    assert [column.missing for column in table.schema.columns] == [9, 9]


def test_blanks_around_values_and_names_are_no_part_of_them() -> None:
    table = read(b" a , b\n 1 , x \n2,x\n", "csv")
    assert table.frame.to_dict(as_series=False) == {"a": [1.0, 2.0], "b": ["x", "x"]}


@pytest.mark.parametrize("text", ["1_000", "0x10", "inf", "Infinity", "1e", "1,5", "--1", "1.2.3", "١"])
def test_what_only_looks_like_a_number_is_a_text(text: str) -> None:
    assert values(written([["a"], [text], ["x"]]), "a") == [text, "x"]


@pytest.mark.parametrize(("text", "number"), [("+1", 1), ("-.5", -0.5), ("5.", 5), ("1e-3", 0.001), ("007", 7)])
def test_what_is_a_number_is_one(text: str, number: float) -> None:
    assert values(b"a\n" + text.encode(), "a") == [number]


def test_truth_values_become_categories() -> None:
    column = describe(b"a\nTRUE\nfalse\nTrue\n\n,\n".replace(b",", b"NA"), "csv").column("a")
    assert column == CategoricalColumn(name="a", missing=1, distinct=2, categories=("false", "true"))
    assert values(b"a\nTRUE\nfalse\nTrue", "a") == ["true", "false", "true"]


def test_a_text_among_numbers_is_named_with_its_row_and_line() -> None:
    prices = [str(row) for row in range(16)]
    rows = [
        ["price", "note"],
        *([price, "two\nlines"] for price in prices),
        ["abc", ""],
        *([price, ""] for price in prices),
    ]
    assert refusal(written(rows)) == (
        "row 17 (line 34), column price: 'abc' is not a number, but 32 of the 33 values of price are. "
        "Correct it, or leave it empty where the value is missing."
    )


def test_many_texts_among_numbers_are_categories() -> None:
    column = describe(b"a\n1\n2\n3\nfour\n", "csv").column("a")
    assert column == CategoricalColumn(name="a", missing=0, distinct=4, categories=("1", "2", "3", "four"))


MEASURES = st.floats(-1e50, 1e50).filter(lambda value: not value or abs(value) > 1e-50)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 8)
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 4)


@pytest.mark.usefixtures("small_chunks")
def test_texts_that_come_after_chunks_of_numbers_are_categories_with_them() -> None:
    source = b"a,b\n" + b"1,\n2,\n" * 10 + b"one,x\n" * 10
    table = read(source, "csv")
    assert table.schema.column("a") == CategoricalColumn(name="a", missing=0, distinct=3, categories=("1", "2", "one"))
    assert table.schema.column("b") == CategoricalColumn(name="b", missing=20, distinct=1, categories=("x",))
    assert table.frame["a"].to_list() == ["1", "2"] * 10 + ["one"] * 10
    assert table.frame["b"].to_list() == [None] * 20 + ["x"] * 10


@pytest.mark.usefixtures("small_chunks")
def test_one_text_after_chunks_of_numbers_is_named() -> None:
    assert refusal(b"a\n" + b"1\n" * 20 + b"one\n").startswith(
        "row 21 (line 22), column a: 'one' is not a number, but 20 of the 21 values of a are."
    )


@pytest.mark.usefixtures("small_chunks")
@given(values=st.lists(MEASURES, min_size=2, max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_chunks_join_to_the_statistics_of_the_whole(values: list[float]) -> None:
    column = describe(b"a\n" + b"".join(b"%r\n" % value for value in values), "csv").column("a")
    assert isinstance(column, NumericColumn)
    scale = max(map(abs, values))
    assert (column.minimum, column.maximum, column.distinct) == (min(values), max(values), len(set(values)))
    assert column.mean == pytest.approx(statistics.fmean(values), rel=1e-12, abs=1e-13 * scale)
    assert column.standard_deviation == pytest.approx(float(statistics.stdev(values)), rel=1e-9, abs=1e-13 * scale)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "The file is empty; its first line must name the columns."),
        (b"\n\n", "The file is empty; its first line must name the columns."),
        (b"a,b\n", "The table has no rows; send at least one."),
        (b"a,,c\n1,2,3\n", "Column 2 has no name; every column needs one."),
        (b"a,b,a\n1,2,3\n", "Columns 1 and 3 have the same name, 'a'."),
        (
            b"a,b\n1,2\n\n3\n",
            "Row 2 (line 4) has 1 value, but the header names 2 columns: there is none for column b.",
        ),
        (
            b"a,b\n1,2,x\n",
            "Row 1 (line 2) has 3 values, but the header names 2 columns: the first without a column is 'x'.",
        ),
        (b'a,b\n1,2\n"x,3\n4,5\n', "Line 3: a quote is opened in this row and never closed."),
        (b'a,b\n"x"y,3\n', "Line 2: text follows a closing quote; double the quotes inside a quoted value."),
        (b"a,b\n1,\xff\n", "Line 2 is not UTF-8: byte 0xff at position 3. Save the file as UTF-8."),
        ("a,b\n1,2\n".encode("utf-16"), "The file is UTF-16; save it as UTF-8."),
        ("a\nx\n\ufeffy\n".encode(), "Line 3 begins with a byte order mark; were two files joined? Remove it."),
        (b"a,b\n1,\0\n", "Line 2 holds a NUL byte; is this a CSV file?"),
        (b"a,b\r1,2\r", "Line 1: a carriage return stands inside the row; end lines with a line feed."),
        (
            b"a\n1\n1e999\n",
            "row 2 (line 3), column a: the number is infinite or too large; its size may be at most 1e+100.",
        ),
        (
            b"a\n" + b"x" * 200_000,
            "Line 2: a value is longer than 131072 characters; is a quote opened and not closed?",
        ),
        (b"a" * 300 + b"\n1\n", "The name of column 1 is longer than 256 characters."),
        (b",".join(b"%d" % n for n in range(10_001)), "The header names 10001 columns; at most 10000 are possible."),
    ],
)
def test_what_is_wrong_is_said(source: bytes, sentence: str) -> None:
    assert refusal(source) == sentence


CELLS = (
    st.text(st.sampled_from('ab1.-,;"\n\r é'), max_size=6) | st.floats(-1e99, 1e99).map(str) | st.integers().map(str)
)
TABLES = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))


@given(rows=TABLES, delimiter=st.sampled_from(",;\t"), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_a_csv_writer_writes_is_read(rows: list[list[str]], delimiter: str, quoting: int) -> None:
    names = [f"column {number}" for number in range(len(rows[0]))]
    assume(all("".join(row).strip() for row in rows))
    try:
        frame = read(written([names, *rows], delimiter, quoting), "csv").frame
    except DataError as error:
        assert "is not a number" in str(error)  # noqa: PT017
        return
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        texts = [None if cell.strip() in MISSING else cell.strip() for cell in cells]
        marked = [text and text.replace(",", ".") if delimiter == ";" else text for text in texts]
        if all(text is None or NUMBER.fullmatch(text) for text in marked):
            assert frame[name].to_list() == [None if text is None else float(text) for text in marked]
        else:
            assert frame[name].to_list() == texts


def test_a_quote_amid_a_value_is_a_part_of_it() -> None:
    table = read(b'pipe,name\n5",a\n"6""",b"c"\n', "csv")
    assert table.frame.rows() == [('5"', "a"), ('6"', 'b"c"')]


def test_two_carriage_returns_end_a_line_as_one_does() -> None:
    table = read(b'a,b\n1,"x"\r\r\n2,y\r\r\n', "csv")
    assert table.frame.rows() == [(1.0, "x"), (2.0, "y")]
