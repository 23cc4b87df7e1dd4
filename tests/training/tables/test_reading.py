"""Any bytes are a table or a DataError, and nothing else; the same bytes are always the same table."""

import json

import polars
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deltarule.training.errors import DataError
from deltarule.training.tables import Format, Schema, describe, read

TEXT_FORMATS = ("csv", "json", "ndjson")


CSV_ALPHABET = st.text(st.sampled_from('ab1.5,;\t"\n\r eE+-N/A?é\x00'), max_size=60).map(str.encode)
JSON_ALPHABET = st.text(st.sampled_from('{}[],:"1.-eE tfnul\n') | st.sampled_from("ab\\u0d8"), max_size=60).map(
    str.encode
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(width=64) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
JSON_DATASETS = st.fixed_dictionaries({"inputs": JSON_VALUES, "targets": JSON_VALUES}) | st.fixed_dictionaries(
    {"columns": st.dictionaries(st.text(max_size=3), st.lists(JSON_VALUES, max_size=3) | JSON_VALUES, max_size=4)}
)


def usable(source: bytes, kind: Format) -> bool:
    """Reads the source twice and describes it; False where it is refused in a sentence."""
    try:
        table = read(source, kind)
    except DataError as error:
        assert str(error)  # noqa: PT017
        with pytest.raises(DataError):
            describe(source, kind)
        return False
    assert describe(source, kind) == table.schema
    assert read(source, kind).frame.equals(table.frame)
    assert_sound(table.schema, table.frame)
    return True


def assert_sound(schema: Schema, frame: polars.DataFrame) -> None:
    assert frame.shape == (schema.rows, len(schema.columns))
    assert frame.columns == list(schema.names)
    for column in schema.columns:
        series = frame[column.name]
        assert series.null_count() == column.missing
        if column.type == "numeric":
            assert series.dtype == polars.Float64
            assert series.is_finite().all()
        else:
            assert series.dtype == polars.String
            assert column.categories == tuple(sorted(series.drop_nulls().unique()))
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


@given(source=st.binary(max_size=300), kind=st.sampled_from((*TEXT_FORMATS, "npz")))
def test_any_bytes(source: bytes, kind: Format) -> None:
    usable(source, kind)


@settings(max_examples=500)
@given(source=CSV_ALPHABET)
@example(b'a\n"\n')
@example(b"a\r1\r")
@example(b"\xef\xbb\xbf")
@example(b'\xef\xbb\xbf"a",b\n1,2')
@example(b'a,b\n1,"2"3\n')
def test_any_text_as_csv(source: bytes) -> None:
    usable(source, "csv")


@given(source=JSON_ALPHABET, kind=st.sampled_from(["json", "ndjson"]))
@example(b"[" * 100_000, "json")
@example(b'{"a":' * 100_000, "ndjson")
@example(b"1" * 5000, "json")
def test_any_text_as_json(source: bytes, kind: Format) -> None:
    usable(source, kind)


@settings(max_examples=300)
@given(document=JSON_DATASETS)
def test_any_document_of_the_right_form(document: object) -> None:
    usable(json.dumps(document).encode(), "json")


@given(rows=st.lists(st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=4), max_size=5))
def test_any_objects_as_json_lines(rows: list[object]) -> None:
    usable("\n".join(json.dumps(row) for row in rows).encode(), "ndjson")
