"""What is taken for a number at a glance is what the careful look takes for one."""

import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.tables.values import cleaned, numbers, plain_numbers

WRITTEN = (
    st.floats().map(repr)
    | st.integers().map(str)
    | st.text("0123456789+-.eE", min_size=1, max_size=6)
    | st.text("0123456789 _,xdfiINFnatly'\u0661\u00a0\t", min_size=1, max_size=8)
    | st.sampled_from(["inf", "-Infinity", "NaN", "1e999", "1_000", "0x10", "1f", "1d5", "+-1", "1.", ".5", "0e0"])
)


@given(text=WRITTEN)
def test_a_plain_number_is_one_and_the_same(text: str) -> None:
    texts = polars.DataFrame({"a": [text]})
    plain = plain_numbers(texts)
    if plain.columns:
        assert cleaned(texts).equals(texts)
        assert plain.equals(numbers(texts))


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_as_python_writes_them_are_plain(values: list[float]) -> None:
    texts = polars.DataFrame({"a": list(map(repr, values))})
    assert plain_numbers(texts)["a"].to_list() == values


@pytest.mark.parametrize("other", ["", "NA", "nan", "inf", " 1", "x", "1,5", None])
def test_a_column_with_anything_else_is_left_to_the_careful_look(other: str | None) -> None:
    texts = polars.DataFrame({"a": ["1", other], "b": ["1", "2"]}, schema=dict.fromkeys("ab", polars.String))
    assert plain_numbers(texts).columns == ["b"]
