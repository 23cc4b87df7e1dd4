"""Products in tiles and in BLAS against NumPy's, for shapes at and beside every edge."""

import numpy as np
import pytest

from deltarule.backprop.compiled import products

EDGES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 3, 4, 6, 9, 200])
def test_the_three_products_of_a_layer(n: int, dtype: type) -> None:
    generator = np.random.default_rng(n)
    for units in EDGES:
        for fan_in in (*EDGES, 700):
            below, weights, delta = (
                generator.standard_normal(shape).astype(dtype) for shape in ((n, fan_in), (units, fan_in), (n, units))
            )
            z, gradient, back = np.empty_like(delta), np.empty_like(weights), np.empty_like(below)
            products.net_inputs(below, weights, z, np.empty(fan_in * products.STRIPE, dtype))
            products.weight_gradient(delta, below, gradient)
            products.gradient_below(delta, weights, back)
            precision = {"rtol": 1e-3, "atol": 1e-4} if dtype is np.float32 else {"rtol": 1e-10, "atol": 1e-12}
            np.testing.assert_allclose(z, below @ weights.T, **precision)
            np.testing.assert_allclose(gradient, delta.T @ below, **precision)
            np.testing.assert_allclose(back, delta @ weights, **precision)
