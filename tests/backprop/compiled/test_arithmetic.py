"""The vector functions against the library's, in units in the last place."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from deltarule.backprop.compiled.arithmetic import exponential, exponential_minus_1, hyperbolic_tangent


@numba.njit(error_model="numpy", fastmath={"reassoc", "contract"})
def exponentials(values: Any, out: Any) -> None:  # noqa: ANN401 - arrays
    for i in range(values.size):
        out[0, i] = exponential(values[i])
        out[1, i] = exponential_minus_1(-abs(values[i]))
        out[2, i] = hyperbolic_tangent(values[i])


REFERENCES: list[Callable[[Any], Any]] = [np.exp, lambda x: np.expm1(-abs(x)), np.tanh]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exponentials_are_within_two_units_in_the_last_place(dtype: type) -> None:
    generator = np.random.default_rng(0)
    values = np.concatenate([generator.standard_normal(2000) * scale for scale in (1e-7, 1e-3, 1, 30)]).astype(dtype)
    out = np.empty((3, values.size), dtype)
    exponentials(values, out)
    for ours, reference in zip(out, REFERENCES, strict=True):
        expected = reference(values.astype(np.longdouble))
        normal = (abs(expected) > np.finfo(dtype).tiny) & (abs(expected) < np.finfo(dtype).max)
        errors = abs(ours[normal] - expected[normal]) / abs(expected[normal])
        assert float(errors.max()) < 2 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_of_the_range(dtype: type) -> None:
    values = np.array([np.inf, -np.inf, np.nan, 0, 1e4, -1e4], dtype)
    out = np.empty((3, values.size), dtype)
    exponentials(values, out)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(out, [reference(values) for reference in REFERENCES])
