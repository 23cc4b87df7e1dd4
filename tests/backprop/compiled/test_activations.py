"""Each compiled activation is the plain one, out to where numbers end: what trains is as safe as what is proven."""

import itertools

import numpy as np
import pytest

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.compiled.activations import NUMBERS, activate, pull_back
from deltarule.backprop.definition import ActivationName
from deltarule.backprop.numerics import Array, unwatched
from tests.backprop.compiled.calling import called
from tests.backprop.making import ACTIVATION_NAMES

FAR = (0.0, 1e-30, 1e-8, 1e-4, 0.5, 3.0, 17.0, 40.0, 88.0, 90.0, 700.0, 720.0, 1e4, 1e6, 3e7, 1e17, 1e30)
NET_INPUTS = sorted({sign * size for size in FAR for sign in (-1.0, 1.0)})
UPSTREAM = (1.0, -2.0, 0.5)


def net_inputs(dtype: str) -> Array:
    """Rows of three units, each with every other."""
    return np.array(list(itertools.product(NET_INPUTS[::2], NET_INPUTS, NET_INPUTS[1::2])), dtype)


def test_every_name_has_its_number() -> None:
    assert set(NUMBERS) == set(ACTIVATIONS)
    assert len(set(NUMBERS.values())) == len(NUMBERS)


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
@pytest.mark.parametrize(("dtype", "relative", "absolute"), [("float64", 1e-13, 1e-15), ("float32", 1e-5, 1e-6)])
def test_values_and_slopes_are_those_of_the_plain_form(
    name: ActivationName, dtype: str, relative: float, absolute: float
) -> None:
    agree(name, net_inputs(dtype), relative, absolute)


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_number_at_the_ends_of_the_dtype(name: ActivationName, dtype: str) -> None:
    """Where the mathematics is finite, both are; a single unit, since no other swallows it."""
    limits = np.finfo(dtype)
    sizes = (0.0, limits.smallest_subnormal, limits.tiny, 1e-30, limits.eps, 1e30, limits.max / 2)
    z = np.array([[sign * size] for size in sizes for sign in (-1.0, 1.0)], dtype)
    agree(name, z, 10 * float(limits.eps), float(limits.tiny))


def agree(name: ActivationName, z: Array, relative: float, absolute: float) -> None:
    """Activations and what they pull back are finite, and those of the plain form."""
    dtype, units = z.dtype, z.shape[1]
    a, delta = np.empty_like(z), np.tile(np.array(UPSTREAM[:units], dtype), (len(z), 1))
    ours, ours_delta = np.empty(z.size, dtype), delta.flatten()
    with unwatched():
        ACTIVATIONS[name].apply(z, a)
        ACTIVATIONS[name].pull_back(z, a, delta, np.empty_like(z))
    called(activate)(NUMBERS[name], z.ravel(), ours, z.shape[1])
    called(pull_back)(NUMBERS[name], z.ravel(), ours, ours_delta, z.shape[1])
    np.testing.assert_allclose(ours, a.ravel(), relative, absolute)
    np.testing.assert_allclose(ours_delta, delta.ravel(), relative, absolute)
    assert np.isfinite(ours).all()
    assert np.isfinite(ours_delta).all()
