"""The fast way through a CSV file and the careful one come to the same chunks, and to the same faults."""

import csv
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deltarule.training.errors import DataError
from deltarule.training.tables import chunk, delimited, plain_lines

Seen = list[tuple[list[tuple[str, ...]], list[int]]] | str

LINES = st.sampled_from(
    ("1,2", "-1.5,x", "é,ü", ",", " , ", "", "  ", "1", "1,2,3", '"a,b",2', '"a\nb",2', 'a"b,2', '"open,2')
) | st.sampled_from(("\0,1", "\ufeff1,2", "a\rb,2", "1,2\r", "\r"))
FILES = st.lists(st.one_of(st.just("1,2"), st.just("3,x"), LINES), max_size=30)
"""Most lines are plain, so that both ways are gone in one file."""


def seen(source: bytes) -> Seen:
    try:
        return [(each.frame.rows(), list(each.lines or ())) for each in delimited.chunks(source)]
    except DataError as error:
        return str(error)


def carefully(source: bytes) -> Seen:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "plain_blocks", lambda *_: iter(()))
        return seen(source)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 8)
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 4)


def on_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows of each block that is found to be plain."""
    rows: list[int] = []

    def watched(*given: object) -> Iterator[plain_lines.Block]:
        for block in plain_lines.plain_blocks(*given):  # type: ignore[arg-type]
            rows.append(block.rows)
            yield block

    monkeypatch.setattr(delimited, "plain_blocks", watched)
    return rows


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("block_bytes", [1 << 24, 16, 1])
@given(lines=FILES, end=st.sampled_from(["\n", "\r\n"]), last=st.sampled_from(["", "\n", "\r", "\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_see_the_same(block_bytes: int, lines: list[str], end: str, last: str) -> None:
    source = (end.join(["a,b", *lines]) + last).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "CHUNK_BYTES", block_bytes)
        patch.setattr(plain_lines, "CHUNK_BYTES", block_bytes)
        assert seen(source) == carefully(source)


@given(bytes_=st.binary(max_size=60))
def test_of_any_bytes_too(bytes_: bytes) -> None:
    assert seen(b"a;b\n" + bytes_) == carefully(b"a;b\n" + bytes_)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_lines_go_the_fast_way(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    rows = on_the_fast_way(monkeypatch)
    found = seen(end.join(["a,b", *["1,é"] * 10]).encode())
    assert rows == [4, 4, 2]
    assert [lines for _, lines in found] == [[2, 3, 4, 5], [6, 7, 8, 9], [10, 11]]


@pytest.mark.usefixtures("small_chunks")
def test_after_a_chunk_with_quotes_it_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = on_the_fast_way(monkeypatch)
    found = seen(b"a,b\n" + b"1,x\n" * 4 + b'"2\n",y\n' * 4 + b"3,z\n" * 4)
    assert rows == [4, 4]
    assert [lines for _, lines in found] == [[2, 3, 4, 5], [6, 8, 10, 12], [14, 15, 16, 17]]


@pytest.mark.parametrize("strange", [b"x" * (csv.field_size_limit() + 1) + b",2", b"1,2,3\n4", b"1\n2,3,4"])
def test_what_is_not_plain_goes_the_careful_way(monkeypatch: pytest.MonkeyPatch, strange: bytes) -> None:
    rows = on_the_fast_way(monkeypatch)
    assert isinstance(seen(b"a,b\n" + strange), str)
    assert rows == []
