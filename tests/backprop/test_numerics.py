import math

import numpy as np
import pytest

from deltarule.backprop.numerics import all_finite, euclidean_norm, unwatched


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("exponent", [-1.0, -0.6, 0.0, 0.6, 0.99])
def test_a_norm_is_right_wherever_its_vector_is(dtype: str, exponent: float) -> None:
    """Also where squares underflow or overflow."""
    limits = np.finfo(dtype)
    scale = float(limits.max) ** exponent if exponent > 0 else float(limits.tiny) ** -exponent
    vector = np.array([3 * scale / 4, -scale], dtype)
    with unwatched():
        norm = euclidean_norm(vector)
    np.testing.assert_allclose(norm, 1.25 * scale, rtol=10 * float(limits.eps))


def test_norms_of_nothing_and_of_what_is_not_finite() -> None:
    assert euclidean_norm(np.zeros(3)) == 0
    assert euclidean_norm(np.zeros(0)) == 0
    assert math.isinf(euclidean_norm(np.array([1.0, -math.inf])))
    assert math.isnan(euclidean_norm(np.array([1.0, math.nan])))


def test_all_finite() -> None:
    assert all_finite(np.array([1.0, -2.0]))
    assert not all_finite(np.array([1.0, math.inf]))
    assert not all_finite(np.array([math.nan]))
