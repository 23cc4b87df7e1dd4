"""Where the plain engine has a finite loss the compiled one has the same, as far out as net inputs of a dtype go."""

import numpy as np
import pytest

from deltarule.backprop.compiled import CompiledEngine
from deltarule.backprop.definition import ActivationName, LossName
from deltarule.backprop.samples import Samples
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import definition_for, pairs, samples_for

SIZES = (0.0, 1e-45, 1e-38, 1e-30, 1e-8, 1.0, 40.0, 700.0, 1e8, 1e18, 1e30, 1e38)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("loss", "activation"), list(pairs()))
def test_the_loss_and_gradient_of_one_sample(loss: LossName, activation: ActivationName, dtype: str) -> None:
    definition = definition_for(
        loss, hidden=[], output={"activation": activation, "bias": False}, dtype=dtype, training={"epochs": 1}
    )
    given = samples_for(loss, rows=1)
    for size in SIZES:
        for sign in (-1.0, 1.0):
            samples = Samples(np.full_like(given.inputs, sign * size), given.targets)
            plain, compiled = Trainer(definition, samples), Trainer(definition, samples, engine=CompiledEngine)
            (expected, ours) = (trainer.advance(1).epochs for trainer in (plain, compiled))
            assert compiled.diverged == plain.diverged
            precision = 1e-12 if dtype == "float64" else 1e-4
            # What a saturated softmax sends back is the difference of two numbers near 1.
            rounding = 32 * float(np.finfo(dtype).eps) * max(size, 1.0)
            for one, other in zip(ours, expected, strict=True):
                np.testing.assert_allclose(one.training_loss, other.training_loss, precision, 1e-30)
                np.testing.assert_allclose(one.gradient_norm, other.gradient_norm, precision, rounding)
