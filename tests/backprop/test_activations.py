import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.definition import ActivationName
from deltarule.backprop.numerics import Array, unwatched
from tests.backprop.making import ACTIVATION_NAMES

REFERENCE = json.loads((Path(__file__).parent / "reference" / "activations.json").read_text())


def apply(name: ActivationName, z: Array) -> Array:
    out = np.empty_like(z)
    with unwatched():
        ACTIVATIONS[name].apply(z, out)
    return out


def pull_back(name: ActivationName, z: Array, upstream: Array) -> Array:
    delta = upstream.copy()
    with unwatched():
        ACTIVATIONS[name].pull_back(z, apply(name, z), delta, np.empty_like(z))
    return delta


def test_every_name_has_its_formulas() -> None:
    assert set(ACTIVATIONS) == set(get_args(ActivationName))


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
def test_values_and_gradients_are_those_of_automatic_differentiation(name: ActivationName) -> None:
    z, upstream = np.array(REFERENCE["net_inputs"]), np.array(REFERENCE["upstream"])
    expect = REFERENCE["activations"][name]
    np.testing.assert_allclose(apply(name, z), expect["activations"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(pull_back(name, z, upstream), expect["gradient"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_net_inputs_stay_finite_and_in_range(name: ActivationName, dtype: str) -> None:
    far = np.array([[-1e30, -1e4, -800.0, -90.0], [90.0, 800.0, 1e4, 1e30], [0.0, -0.0, 1e-30, -1e-30]], dtype)
    before = far.copy()
    values = apply(name, far)
    slopes = pull_back(name, far, np.ones_like(far))
    assert values.dtype == slopes.dtype == np.dtype(dtype)
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    # A value may round onto an end that the formula never reaches, and by as much as the dtype rounds beyond it.
    reach, margin = ACTIVATIONS[name].range, 1e-6
    assert ((values >= reach.low - margin) & (values <= reach.high + margin)).all()
    np.testing.assert_array_equal(far, before)


def test_softmax_rows_sum_to_one_and_do_not_feel_a_shift() -> None:
    z = np.random.default_rng(1).standard_normal((7, 5)) * 10
    np.testing.assert_allclose(apply("softmax", z).sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(apply("softmax", z + 1000), apply("softmax", z), rtol=1e-10)


def test_gelu_keeps_its_digits_in_the_tail() -> None:
    """-10 Φ(-10), from tables of the normal distribution: half of 1 + erf would have no digit right."""
    np.testing.assert_allclose(apply("gelu", np.array([[-10.0]])), -7.619853024160527e-23, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_silu_rises_like_its_net_input_however_large_that_is(dtype: str) -> None:
    """A unit far above 0 must not stop learning: there the 1 of σ (1 + z - a) is all that is left."""
    far = np.array([[1e3, 1e6, 3e7, 1e17, 1e30]], dtype)
    np.testing.assert_array_equal(pull_back("silu", far, np.ones_like(far)), 1)
