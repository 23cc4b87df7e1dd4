"""Every reference run, computed with automatic differentiation in float64, comes out of the library."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from deltarule.backprop.compiled import CompiledEngine
from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.network import predict
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.trainer import Samples, Trainer, epochs

REFERENCE = Path(__file__).parent / "reference"
RUNS = sorted(REFERENCE.glob("*.json"))
RELATIVE, ABSOLUTE = 1e-9, 1e-12
PARTS_OF_A_DEFINITION = ("network", "loss", "optimizer", "schedule", "regularization")


def definition_of(job: dict[str, Any]) -> Definition:
    parts = {name: job[name] for name in PARTS_OF_A_DEFINITION if name in job}
    plan = {name: value for name, value in job["training"].items() if name != "validation_fraction"}
    return Definition.model_validate_json(json.dumps({**parts, "training": plan}))


def test_there_are_reference_runs() -> None:
    assert len(RUNS) >= 14


@pytest.mark.parametrize("engine", [NumpyEngine, CompiledEngine], ids=lambda engine: engine.name)
@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_reference_run(path: Path, engine: EngineMaker) -> None:
    run = json.loads(path.read_text())
    inputs, targets = (np.array(run["job"]["data"][name]) for name in ("inputs", "targets"))
    definition = definition_of(run["job"]).resolve(inputs.shape[1], targets.shape[1])
    trainer = Trainer(definition, Samples(inputs, targets), engine=engine)

    done, expect = list(epochs(trainer)), run["expect"]

    agree([epoch.training_loss for epoch in done], expect["training_loss"])
    agree([epoch.learning_rate for epoch in done], expect["learning_rate"])
    result = trainer.result
    for weights, biases, layer in zip(result.weights, result.biases, expect["layers"], strict=True):
        agree(weights, layer["weights"])
        assert (biases is None) == (layer.get("biases") is None)
        if biases is not None:
            agree(biases, layer["biases"])
    agree(predict(trainer.definition.network, result, inputs[:5]), expect["outputs_of_first_5_rows"])


def agree(ours: ArrayLike, reference: ArrayLike) -> None:
    np.testing.assert_allclose(ours, reference, rtol=RELATIVE, atol=ABSOLUTE)
