"""Products in tiles and in BLAS against NumPy's, for shapes at and beside every edge."""

import numpy as np
import pytest

from deltarule.backprop.compiled import products
from tests.backprop.compiled.calling import called

EDGES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)


net_inputs, weight_gradient, gradient_below = (
    called(kernel) for kernel in (products.net_inputs, products.weight_gradient, products.gradient_below)
)


def agree(n: int, units: int, fan_in: int, dtype: type) -> None:
    """All three products of a layer are NumPy's."""
    generator = np.random.default_rng(n)
    below, weights, delta = (
        generator.standard_normal(shape).astype(dtype) for shape in ((n, fan_in), (units, fan_in), (n, units))
    )
    z, gradient, back = np.empty_like(delta), np.empty_like(weights), np.empty_like(below)
    copies = np.empty(products.room_for_copies(n, units, fan_in), dtype)
    net_inputs(below, weights, z, copies)
    weight_gradient(delta, below, gradient, copies)
    gradient_below(delta, weights, back, copies)
    precision = {"rtol": 1e-3, "atol": 2e-4} if dtype is np.float32 else {"rtol": 1e-10, "atol": 1e-12}
    np.testing.assert_allclose(z, below @ weights.T, **precision)
    np.testing.assert_allclose(gradient, delta.T @ below, **precision)
    np.testing.assert_allclose(back, delta @ weights, **precision)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 3, 4, 6, 9, 50, 200])
def test_the_three_products_of_a_layer(n: int, dtype: type) -> None:
    for units in EDGES:
        for fan_in in (*EDGES, 700):
            agree(n, units, fan_in, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(131, 257, 117), (128, 40, 1000), (131, 517, 1001)])
def test_products_that_are_copied_or_left_to_a_library(sizes: tuple[int, int, int], dtype: type) -> None:
    agree(*sizes, dtype)
