import polars
import pytest

from deltarule.training.errors import DataError
from deltarule.training.rows import usable_rows
from deltarule.training.spec import Missing

FRAME = polars.DataFrame({"x": [1.0, None, 3.0, None], "y": ["a", "b", None, None]})


@pytest.mark.parametrize(
    ("missing", "kept", "counts"),
    [("impute", [0, 1], (2, 0, 1)), ("drop", [0], (2, 1, 0))],
)
def test_rows_are_left_out_by_the_rule(missing: Missing, kept: list[int], counts: tuple[int, int, int]) -> None:
    usable = usable_rows(FRAME, ["y"], ["x"], missing)

    assert usable.kept.tolist() == kept
    assert (usable.without_target, usable.incomplete, usable.filled) == counts


def test_a_gap_is_an_error_where_none_may_be() -> None:
    with pytest.raises(DataError, match=r"row 3, column y: the value is missing. Values are missing in y, x;"):
        usable_rows(FRAME, ["y"], ["x"], "error")
    with pytest.raises(DataError, match="row 2, column x: the value is missing"):
        usable_rows(FRAME, [], ["x"], "error")


@pytest.mark.parametrize(
    ("frame", "missing", "sentence"),
    [
        (FRAME[3:], "impute", "none of the 1 rows has a value in every target column"),
        (FRAME[1:], "drop", "every one of the 3 rows misses a value"),
        (FRAME[:0], "impute", "The data has no rows"),
    ],
)
def test_no_rows_left(frame: polars.DataFrame, missing: Missing, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        usable_rows(frame, ["y"], ["x"], missing)
