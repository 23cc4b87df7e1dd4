import numpy as np
import pytest
from numpy.typing import ArrayLike

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.definition import ActivationName, LossName
from deltarule.backprop.numerics import Array, unwatched
from deltarule.backprop.output_losses import OUTPUT_LOSSES, composed, output_loss
from tests.backprop.making import pairs, targets_for

LOGARITHMS = sorted(OUTPUT_LOSSES)


def outputs(activation: ActivationName, z: Array) -> Array:
    out = np.empty_like(z)
    ACTIVATIONS[activation].apply(z, out)
    return out


def value_and_delta(loss: LossName, activation: ActivationName, z: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    z, y = np.array(z), np.array(y)
    with unwatched():
        o = outputs(activation, z)
        pair = output_loss(loss, activation)
        return pair.value(z, o, y), pair.delta(z, o, y)


def test_every_loss_of_a_logarithm_has_its_own_formulas() -> None:
    logarithms = {"log_loss", "cross_entropy", "poisson"}
    assert set(OUTPUT_LOSSES) == {(loss, activation) for loss, activation in pairs() if loss in logarithms}


@pytest.mark.parametrize(("loss", "activation"), LOGARITHMS)
def test_the_safe_formula_equals_the_textbook(loss: LossName, activation: ActivationName) -> None:
    generator = np.random.default_rng(3)
    z, y = generator.standard_normal((40, 4)) * 3, targets_for(loss, 40, 4, generator)
    o = outputs(activation, z)
    safe, textbook = output_loss(loss, activation), composed(loss, activation)
    np.testing.assert_allclose(safe.value(z, o, y), textbook.value(z, o, y), rtol=1e-9)
    np.testing.assert_allclose(safe.delta(z, o, y), textbook.delta(z, o, y), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(("loss", "activation"), LOGARITHMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saturated_outputs_have_finite_losses_and_deltas(
    loss: LossName, activation: ActivationName, dtype: str
) -> None:
    far = [-1e4, -300.0, -50.0, 0.0, 50.0, 300.0, 1e4]
    z = np.array([[a, b, c] for a in far for b in far for c in far], dtype)
    for y in (np.eye(3, dtype=dtype)[np.arange(len(z)) % 3], np.zeros_like(z), np.ones_like(z)):
        with unwatched():
            o = outputs(activation, z)
            value, delta = output_loss(loss, activation).value(z, o, y), output_loss(loss, activation).delta(z, o, y)
        assert value.dtype == delta.dtype == np.dtype(dtype)
        assert np.isfinite(value).all()
        assert np.isfinite(delta).all()


def test_logarithms_of_saturated_outputs_are_exact() -> None:
    value, delta = value_and_delta("log_loss", "sigmoid", [[800.0], [-800.0], [40.0]], [[0.0], [1.0], [1.0]])
    np.testing.assert_allclose(value, [800, 800, np.exp(-40)], rtol=1e-14)
    np.testing.assert_allclose(delta[:2], [[1], [-1]])

    value, delta = value_and_delta("cross_entropy", "softmax", [[0.0, 2000.0]], [[1.0, 0.0]])
    np.testing.assert_allclose(value, [2000])
    np.testing.assert_allclose(delta, [[-1, 1]])

    value, delta = value_and_delta("log_loss", "softmax", [[0.0, 2000.0, 1.0]], [[1.0, 0.0, 0.0]])
    np.testing.assert_allclose(value, [(2000 + 2000 - np.log(1 + np.e)) / 3], rtol=1e-12)
    shares = np.array([1, np.e]) / (1 + np.e)
    np.testing.assert_allclose(delta, [[(-1 - shares[0]) / 3, 2 / 3, -shares[1] / 3]], rtol=1e-12)

    value, delta = value_and_delta("poisson", "softplus", [[-800.0]], [[3.0]])
    np.testing.assert_allclose(value, [2400])
    np.testing.assert_allclose(delta, [[-3]])


def test_softmax_of_one_unit_is_certain() -> None:
    for loss in ("log_loss", "cross_entropy"):
        value, delta = value_and_delta(loss, "softmax", [[3.0]], [[1.0]])
        assert value == [0.0]
        assert delta == [[0.0]]


def test_targets_that_do_not_sum_to_one_have_the_right_delta() -> None:
    z, y = np.array([[0.3, -1.0, 2.0]]), np.array([[1.0, 1.0, 0.5]])
    o = outputs("softmax", z)
    safe, textbook = output_loss("cross_entropy", "softmax"), composed("cross_entropy", "softmax")
    np.testing.assert_allclose(safe.delta(z, o, y), textbook.delta(z, o, y), rtol=1e-12)
