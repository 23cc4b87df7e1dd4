import json
from pathlib import Path

import numpy as np
import pytest

from deltarule.backprop.definition import LossName
from deltarule.backprop.losses import LOSSES, target_fault
from tests.backprop.making import LOSS_NAMES

REFERENCE = json.loads((Path(__file__).parent / "reference" / "losses.json").read_text())


def test_every_name_has_its_formulas() -> None:
    assert set(LOSSES) == set(LOSS_NAMES)


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_values_and_gradients_are_those_of_automatic_differentiation(name: LossName) -> None:
    expect = REFERENCE[name]
    o, y = np.array(expect["outputs"]), np.array(expect["targets"])
    np.testing.assert_allclose(LOSSES[name].value(o, y), expect["losses"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(LOSSES[name].gradient(o, y), expect["gradient"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["squared_error", "half_squared_error", "absolute_error", "huber", "log_cosh"])
def test_no_error_costs_nothing(name: LossName) -> None:
    y = np.array([[0.3, -1e6, 1e-9]])
    assert LOSSES[name].value(y, y) == [0.0]
    assert not LOSSES[name].gradient(y, y).any()


@pytest.mark.parametrize("name", ["absolute_error", "huber", "log_cosh"])
def test_large_errors_do_not_overflow(name: LossName) -> None:
    o, y = np.array([[1e300]]), np.array([[0.0]])
    np.testing.assert_allclose(LOSSES[name].value(o, y), 1e300)


def test_what_can_not_happen_costs_nothing() -> None:
    o, y = np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]])
    assert LOSSES["log_loss"].value(o, y) == [0.0]
    assert LOSSES["cross_entropy"].value(o, y) == [0.0]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("log_loss", 1.5), ("log_loss", -0.1), ("cross_entropy", -1.0), ("poisson", -2.0), ("hinge", 0.0), ("hinge", 0.5)],
)
def test_a_target_outside_of_the_domain_is_found(name: LossName, wrong: float) -> None:
    targets = np.ones((3, 2))
    assert target_fault(name, targets) is None
    targets[2, 1] = wrong
    fault = target_fault(name, targets)
    assert fault is not None
    assert fault[:2] == (2, 1)
    assert name in fault[2]
    assert f"{wrong:g}" in fault[2]
