import json

import pytest
from flask import Flask, Request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.test import EnvironBuilder

from service.errors import Invalid
from service.parsing import parse_body, parse_json, parse_query, read_json, refuse_parameters


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    number: int = 0
    real: float = 0.0
    anything: object = None


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1)
    name: str | None = None


def asked(query: str = "", body: bytes = b"", content_type: str | None = None) -> Request:
    return Request(
        EnvironBuilder(query_string=query, data=body, content_type=content_type, method="POST").get_environ()
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "line 1 column 2"),
        (b'{"number": 1,}', "not JSON"),
        (b'{"number": 1} x', "line 1 column 15"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"number": 1, "number": 2}', "'number' more than once"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 33 + b"]" * 33, "more than 32 levels"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "more than 32 levels"),
        (b'{"anything": ' + b"[" * 300 + b"]" * 300 + b"}", "not JSON"),
        (b'{"number": ' + b"1" * 5000 + b"}", "thousands of digits"),
        (b'{"anything": "\\ud800"}', "not JSON"),
        (b"'number'", "not JSON"),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        parse_json(Body, body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"anything": NaN}', "/anything"),
        (b'{"anything": [1, -Infinity]}', "/anything/1"),
        (b'{"anything": {"a": [1e999]}}', "/anything/a/0"),
        (b'{"real": 1e999}', "/real"),
        (b'{"number": "5"}', "/number"),
        (b'{"number": 5.0}', "/number"),
        (b'{"number": true}', "/number"),
        (b'{"numbers": 5}', "/numbers"),
        (b"[]", ""),
        (b"null", ""),
    ],
)
def test_wrong_content_is_invalid_at_its_place(body: bytes, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_json(Body, body)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_large_exponent_may_be_a_good_number() -> None:
    assert read_json(b'{"real": 1e+300}') == {"real": 1e300}


def test_a_body_of_another_type_is_refused_with_those_that_are_taken() -> None:
    with pytest.raises(UnsupportedMediaType, match="application/json or text/csv, not text/plain"):
        parse_body(Body, asked(body=b"{}", content_type="text/plain"), ("application/json", "text/csv"))


def test_a_body_without_a_type_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType, match="without a type"):
        parse_body(Body, asked(body=b"{}"))


@pytest.fixture
def _in_app() -> None:
    with Flask(__name__).app_context():
        yield


@pytest.mark.usefixtures("_in_app")
def test_a_charset_does_not_make_it_another_type() -> None:
    request = asked(body=b'{"number": 3}', content_type="application/json; charset=utf-8")
    assert parse_body(Body, request).number == 3


def test_a_query_is_read_from_text() -> None:
    assert parse_query(Query, asked("limit=7&name=5")) == Query(limit=7, name="5")


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("limit=0", ["/query/limit"]),
        ("limit=", ["/query/limit"]),
        ("limit=ten", ["/query/limit"]),
        ("page=1", ["/query/page"]),
        ("limit=1&limit=2", ["/query/limit"]),
        ("name=a&name=b&limit=x", ["/query/name", "/query/limit"]),
    ],
)
def test_a_wrong_query_is_invalid_at_its_parameter(query: str, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_query(Query, asked(query))
    assert [fault.pointer for fault in caught.value.faults] == pointers


def test_where_no_parameters_are_taken_each_is_refused() -> None:
    refuse_parameters(asked())
    with pytest.raises(Invalid) as caught:
        refuse_parameters(asked("a=1&b=2"))
    assert [fault.pointer for fault in caught.value.faults] == ["/query/a", "/query/b"]


def test_a_document_is_what_the_standard_library_reads() -> None:
    document = {"a": [1, 2.5, None, True, "ü"], "b": {"c": {}}}
    assert read_json(json.dumps(document).encode()) == document
