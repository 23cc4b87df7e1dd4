import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import TypeAdapter

from deltarule.backprop.definition import Optimizer
from deltarule.backprop.numerics import Array
from deltarule.backprop.optimizers import OPTIMIZERS, SCRATCH_VECTORS, Step

REFERENCE = json.loads((Path(__file__).parent / "reference" / "optimizers.json").read_text())
OPTIMIZER: TypeAdapter[Any] = TypeAdapter(Optimizer)


def path(given: dict[str, Any], dtype: str) -> list[Array]:
    """The parameters after each of the recorded steps' gradients."""
    rule = OPTIMIZER.validate_python(given)
    method, parameters = OPTIMIZERS[rule.name], np.array(REFERENCE["start"], dtype)
    memory = np.zeros((method.vectors(rule), parameters.size), dtype)
    numbers, scratch = np.array(method.numbers), np.empty((SCRATCH_VECTORS, parameters.size), dtype)
    passed = []
    for number, gradient in enumerate(np.array(REFERENCE["gradients"], dtype), start=1):
        method.update(rule, Step(number, rule.learning_rate, parameters, gradient.copy(), memory, numbers, scratch))
        passed.append(parameters.copy())
    return passed


def test_every_optimizer_has_its_update_and_its_record() -> None:
    names = {kind.model_fields["name"].default for kind in get_args(get_args(Optimizer)[0])}
    assert set(OPTIMIZERS) == names == {run["optimizer"]["name"] for run in REFERENCE["runs"]}


@pytest.mark.parametrize("run", REFERENCE["runs"], ids=lambda run: json.dumps(run["optimizer"]))
def test_a_hundred_steps_are_those_of_pytorch(run: dict[str, Any]) -> None:
    passed = path(run["optimizer"], "float64")
    assert len(passed) == 100
    for number, parameters in run["parameters_after_step"].items():
        np.testing.assert_allclose(passed[int(number) - 1], parameters, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("run", REFERENCE["runs"], ids=lambda run: json.dumps(run["optimizer"]))
def test_float32_goes_the_same_way(run: dict[str, Any]) -> None:
    last = path(run["optimizer"], "float32")[-1]
    assert last.dtype == np.float32
    np.testing.assert_allclose(last, run["parameters_after_step"]["100"], rtol=1e-3, atol=1e-4)


def test_nesterov_without_momentum_is_plain_descent() -> None:
    plain, nesterov = ({"name": "sgd", "learning_rate": 0.1, "nesterov": value} for value in (False, True))
    np.testing.assert_array_equal(path(plain, "float64")[-1], path(nesterov, "float64")[-1])
