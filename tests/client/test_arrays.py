import io
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import InvalidInput
from deltarule.client.arrays import is_array, npz_of


def unpacked(content: bytes) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return archive["inputs"], archive["targets"]


@pytest.mark.parametrize("data", [[[1]], pd.Series([1]), pl.Series([1]), pd.DataFrame({"a": [1]}), {"a": 1}, "a"])
def test_what_is_no_array_is_not_taken_for_one(data: object) -> None:
    assert is_array(np.zeros(3))
    assert not is_array(data)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "uint64", "bool"])
def test_arrays_travel_in_their_own_type(dtype: str) -> None:
    inputs = np.arange(6).reshape(3, 2).astype(dtype)
    sent, targets = unpacked(npz_of(inputs, np.array(["a", "b", "a"])))
    assert (sent.dtype, sent.tobytes()) == (inputs.dtype, inputs.tobytes())
    assert targets.tolist() == ["a", "b", "a"]


def test_lists_are_as_good_as_arrays_and_none_is_missing() -> None:
    inputs, targets = unpacked(npz_of([[1, None], [0.5, 2]], [[0, 1], [1, 0]]))
    assert (inputs[0, 0], math.isnan(inputs[0, 1])) == (1.0, True)
    assert targets.shape == (2, 2)


def test_a_single_column_of_inputs_may_be_flat() -> None:
    assert unpacked(npz_of(np.arange(3), np.arange(3)))[0].shape == (3, 1)


@pytest.mark.parametrize(
    ("inputs", "targets", "said"),
    [
        ([["a"]], [1], "no rows of numbers"),
        (np.array([[1, "a"]], dtype=object), [1], "several kinds"),
        (np.zeros((1, 2, 3)), [1], "shape \\(1, 2, 3\\)"),
        ([[1]], [["a"]], "neither numbers nor labels"),
        ([[1]], np.array([1, "a"], dtype=object), "several kinds"),
        ([[1], [2]], [1], "2 rows of inputs, but 1 of targets"),
        ([[1], [2, 3]], [1, 2], "make no array"),
    ],
)
def test_what_the_service_cannot_read_is_refused(inputs: object, targets: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        npz_of(inputs, targets)
