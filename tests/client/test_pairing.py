from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import InvalidInput
from deltarule.client.pairing import Arrays, paired

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("data", ["table.csv", FRAME, {"a": [1], "b": [2]}])
def test_names_leave_the_table_as_it_is(data: object) -> None:
    assert paired(data, "a") == (data, "a") or data is FRAME
    table, names = paired(data, ("a", "b"))
    assert table is data
    assert names == ["a", "b"]


@pytest.mark.parametrize("pair", [(MATRIX, ["p", "q"]), ([[1], [2]], [0, 1]), ([[1], [2]], np.array([0, 1]))])
def test_arrays_and_lists_have_targets_and_no_names(pair: tuple[Any, Any]) -> None:
    assert paired(*pair) == paired(pair, None) == (Arrays(*pair), None)


@pytest.mark.parametrize(
    ("values", "added"),
    [
        (np.array([0, 1]), {"target": [0, 1]}),
        ([0.5, 1], {"target": [0.5, 1.0]}),
        (pd.Series(["p", "q"], name="c"), {"c": ["p", "q"]}),
        (pl.Series([True, False]), {"target": ["true", "false"]}),
        (pd.DataFrame({"y": [1, 2], "z": [3, 4]}), {"y": [1, 2], "z": [3, 4]}),
        (MATRIX, {"target_0": [1.0, 3.0], "target_1": [2.0, 4.0]}),
    ],
)
@pytest.mark.parametrize("library", [pl, pd])
def test_values_become_columns_of_a_frame(library: ModuleType, values: object, added: dict[str, list[object]]) -> None:
    table, names = paired(library.DataFrame({"a": [1, 2], "b": ["x", "y"]}), values)
    assert table.to_dict(as_series=False) == {**FRAME.to_dict(as_series=False), **added}
    assert names == (list(added) if len(added) > 1 else next(iter(added)))


def test_values_become_a_column_of_a_dict() -> None:
    assert paired({"a": [1]}, [2]) == ({"a": [1], "target": [2]}, "target")


def test_values_may_be_called_as_a_model_calls_them() -> None:
    assert paired(FRAME, pd.Series([1, 2], name="y"), ["species"])[1] == "species"
    assert paired({"a": [1]}, [2], ["species"])[1] == "species"


@pytest.mark.parametrize(
    ("data", "target", "said"),
    [
        (MATRIX, None, "need their targets"),
        (MATRIX, "species", "no column 'species'"),
        ((MATRIX, [1, 2], [1, 2]), None, "holds 3 things"),
        ((MATRIX, [1, 2]), [1, 2], "given twice"),
        ("table.csv", np.array([1]), "columns of the table"),
        (FRAME, pd.Series([1, 2], name="a"), "a column 'a' already"),
        (FRAME, [1, 2, 3], "2 rows, but 3 values"),
    ],
)
def test_targets_that_do_not_fit_are_refused(data: object, target: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        paired(data, target)
