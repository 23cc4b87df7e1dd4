from typing import get_args

import numpy as np
import pytest

from deltarule.backprop.definition import InitializerName
from deltarule.backprop.initializers import INITIALIZERS
from deltarule.backprop.randomness import weights_generator

UNITS, FAN_IN = 300, 200
VARIANCES: dict[InitializerName, float] = {
    "glorot_uniform": 2 / 500,
    "glorot_normal": 2 / 500,
    "he_uniform": 2 / 200,
    "he_normal": 2 / 200,
    "lecun_uniform": 1 / 200,
    "lecun_normal": 1 / 200,
    "uniform": 0.05**2 / 3,
    "normal": 0.05**2,
}


def test_every_name_has_its_formula() -> None:
    assert set(INITIALIZERS) == set(get_args(InitializerName)) == {*VARIANCES, "orthogonal", "zeros"}


@pytest.mark.parametrize("name", VARIANCES)
def test_mean_and_variance(name: InitializerName) -> None:
    weights, variance = INITIALIZERS[name](weights_generator(0, 0), UNITS, FAN_IN), VARIANCES[name]
    assert weights.shape == (UNITS, FAN_IN)
    # Five standard errors of 60,000 draws.
    assert abs(weights.mean()) < 5 * np.sqrt(variance / weights.size)
    assert abs(weights.var() / variance - 1) < 5 * np.sqrt(2 / weights.size)


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("uniform")])
def test_uniform_weights_end_where_they_should(name: InitializerName) -> None:
    weights = INITIALIZERS[name](weights_generator(0, 0), UNITS, FAN_IN)
    limit = np.sqrt(3 * VARIANCES[name])
    assert 0.999 * limit < np.abs(weights).max() <= limit


@pytest.mark.parametrize(("units", "fan_in"), [(5, 5), (3, 8), (8, 3), (1, 1), (1, 6)])
def test_orthogonal(units: int, fan_in: int) -> None:
    weights = INITIALIZERS["orthogonal"](weights_generator(3, 1), units, fan_in)
    assert weights.shape == (units, fan_in)
    product = weights @ weights.T if units <= fan_in else weights.T @ weights
    np.testing.assert_allclose(product, np.eye(min(units, fan_in)), atol=1e-14)


def test_orthogonal_weights_take_both_signs() -> None:
    signs = {float(np.sign(INITIALIZERS["orthogonal"](weights_generator(seed, 0), 1, 1)[0, 0])) for seed in range(20)}
    assert signs == {-1.0, 1.0}


def test_zeros() -> None:
    assert not INITIALIZERS["zeros"](weights_generator(0, 0), 3, 2).any()
