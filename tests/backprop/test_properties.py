"""Random networks of every kind: right gradients, finite trainings, exact states."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.backprop.definition import Definition
from deltarule.backprop.gradient_check import check
from deltarule.backprop.initializers import INITIALIZERS
from deltarule.backprop.optimizers import OPTIMIZERS
from deltarule.backprop.parameters import initial_parameters
from deltarule.backprop.samples import Samples
from deltarule.backprop.schedules import SCHEDULES
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import ACTIVATION_NAMES, pairs, targets_for

RATES = st.sampled_from([0.0, 0.0, 0.3, 0.7])

layers = st.fixed_dictionaries(
    {
        "units": st.integers(1, 5),
        "activation": st.sampled_from(ACTIVATION_NAMES),
        "bias": st.booleans(),
        "dropout": RATES,
        "initializer": st.sampled_from(sorted(set(INITIALIZERS) - {"zeros"})),
    }
)


@st.composite
def trainings(draw: st.DrawFn) -> tuple[Definition, Samples]:
    """A resolved definition in float64, and samples for it."""
    loss, output = draw(st.sampled_from(list(pairs())))
    # A softmax of one unit is always 1, and its log loss infinite for every other target.
    fewest = 2 if (loss, output) == ("log_loss", "softmax") else 1
    inputs, outputs, rows = draw(st.integers(1, 4)), draw(st.integers(fewest, 4)), draw(st.integers(1, 9))
    hidden = draw(st.lists(layers, max_size=4))
    penalties = st.sampled_from([0.0, 0.01, 0.3])
    definition: dict[str, Any] = {
        "network": {
            "dtype": "float64",
            "layers": [*hidden, {"activation": output, "bias": draw(st.booleans())}],
        },
        "loss": {"name": loss},
        "optimizer": {"name": draw(st.sampled_from(sorted(OPTIMIZERS))), "learning_rate": 0.01},
        "schedule": {"name": draw(st.sampled_from(sorted(SCHEDULES))), "warmup_epochs": draw(st.integers(0, 2))},
        "regularization": {
            "l1": draw(penalties),
            "l2": draw(penalties),
            "max_gradient_norm": draw(st.sampled_from([None, 0.5])),
        },
        "training": {
            "epochs": 4,
            "batch_size": draw(st.sampled_from([1, 2, 4, "full"])),
            "shuffle": draw(st.booleans()),
            "seed": draw(st.integers(0, 2**63 - 1)),
        },
    }
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = generator.random(rows) + 0.1 if draw(st.booleans()) else None
    samples = Samples(generator.standard_normal((rows, inputs)), targets_for(loss, rows, outputs, generator), weights)
    return Definition.model_validate(definition).resolve(inputs, outputs), samples


@settings(max_examples=150)
@given(trainings())
def test_gradients_are_right(training: tuple[Definition, Samples]) -> None:
    definition, samples = training
    parameters = initial_parameters(definition.network, samples.inputs.shape[1], 0)
    # Biases of 0 under dropped units would put relus exactly on their kink, where there is no derivative.
    parameters.vector[:] = np.random.default_rng(1).standard_normal(parameters.vector.size)
    answer = check(definition, samples, parameters)
    assert answer.relative_difference < 1e-5, answer


@settings(max_examples=100)
@given(trainings(), st.integers(1, 20))
def test_trainings_are_finite_and_resume_exactly(training: tuple[Definition, Samples], cut: int) -> None:
    definition, samples = training
    whole, first, second = (Trainer(definition, samples, samples) for _ in range(3))
    whole.advance(1000)
    first.advance(cut)
    second.restore(first.state())
    second.advance(1000)
    assert whole.stop_reason == second.stop_reason == "epochs_done"
    assert second.state() == whole.state()
    assert np.isfinite(whole.result.vector).all()


@settings(max_examples=50)
@given(trainings())
def test_definitions_travel_as_json(training: tuple[Definition, Samples]) -> None:
    definition, _ = training
    assert Definition.model_validate_json(definition.model_dump_json()) == definition
