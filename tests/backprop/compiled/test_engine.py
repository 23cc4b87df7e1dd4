"""The compiled engine gives the numbers of the plain one, which is proven by itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.definition import ActivationName, Definition, LossName
from deltarule.backprop.samples import Samples
from deltarule.backprop.trainer import Epoch, Trainer, epochs
from tests.backprop.making import ACTIVATION_NAMES, definition_for, pairs, samples_for

PLAN = {"epochs": 20, "batch_size": 5}
TOLERANCE = {"float64": (1e-12, 1e-14), "float32": (2e-3, 2e-5)}

OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "sgd", "learning_rate": 0.05},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    {"name": "rmsprop"},
    {"name": "adagrad"},
    {"name": "adam", "learning_rate": 0.01},
    {"name": "adam", "learning_rate": 0.01, "amsgrad": True},
    {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
    {"name": "adamw", "learning_rate": 0.01, "amsgrad": True},
    {"name": "nadam"},
]
SCHEDULES: list[dict[str, Any]] = [
    {"name": "constant", "warmup_epochs": 3},
    {"name": "step", "every": 4, "decay": 0.5},
    {"name": "exponential", "decay": 0.9},
    {"name": "cosine", "minimum": 0.001, "warmup_epochs": 2},
    {"name": "reduce_on_plateau", "patience": 0, "factor": 0.5, "minimum": 1e-4, "warmup_epochs": 1},
]
PARTS: list[dict[str, Any]] = [
    {"regularization": {"l1": 0.01}},
    {"regularization": {"l2": 0.1, "max_gradient_norm": 0.05}},
    {"training": {**PLAN, "shuffle": False}},
    {"training": {"epochs": 20, "batch_size": 1}},
    {"training": {"epochs": 20, "batch_size": "full"}},
    {"training": {"epochs": 20, "batch_size": 12, "seed": 2**63 - 1}},
    {"hidden": [{"units": 7, "activation": "sigmoid", "bias": False}, {"units": 40, "activation": "gelu"}]},
    {
        "hidden": [
            {"units": 6, "activation": "relu", "dropout": 0.5},
            {"units": 5, "activation": "silu", "dropout": 0.1},
        ]
    },
    {"hidden": [], "output": {"bias": False}},
]


def same(ours: list[Epoch], reference: list[Epoch], dtype: str) -> None:
    """The epochs agree, number by number."""
    relative, absolute = TOLERANCE[dtype]
    assert [one.number for one in ours] == [one.number for one in reference]
    for name in ("training_loss", "learning_rate", "gradient_norm", "validation_loss"):
        values, expected = ([getattr(one, name) for one in epochs_] for epochs_ in (ours, reference))
        if None in expected:
            assert values == expected
        else:
            np.testing.assert_allclose(values, expected, relative, absolute, err_msg=name)


def compare(definition: Definition, training: Samples, validation: Samples | None = None) -> None:
    """Both engines to the end of a training: epochs, parameters, and why it ended."""
    dtype = definition.network.dtype
    compiled = Trainer(definition, training, validation, engine=CompiledEngine)
    plain = Trainer(definition, training, validation)
    assert (compiled.engine, plain.engine) == ("compiled", "numpy")
    same(list(epochs(compiled)), list(epochs(plain)), dtype)
    for name in ("parameters", "best", "result"):
        ours, reference = getattr(compiled, name).vector, getattr(plain, name).vector
        np.testing.assert_allclose(ours, reference, *TOLERANCE[dtype], err_msg=name)
    assert (compiled.stop_reason, compiled.best_epoch) == (plain.stop_reason, plain.best_epoch)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("loss", "activation"), list(pairs()))
def test_every_loss_with_every_output_activation(loss: LossName, activation: ActivationName, dtype: str) -> None:
    definition = definition_for(loss, output={"activation": activation}, dtype=dtype, outputs=3, training=PLAN)
    compare(definition, samples_for(loss, outputs=3))


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_every_hidden_activation(activation: ActivationName, loss: LossName) -> None:
    hidden = [{"units": 8, "activation": activation}, {"units": 5, "activation": activation}]
    compare(definition_for(loss, hidden=hidden, training=PLAN), samples_for(loss))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: "-".join(map(str, one.values())))
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one["name"])
def test_every_optimizer_with_every_schedule(optimizer: dict[str, Any], schedule: dict[str, Any]) -> None:
    definition = definition_for("squared_error", optimizer=optimizer, schedule=schedule, training=PLAN)
    compare(definition, samples_for("squared_error"), samples_for("squared_error", seed=1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("parts", PARTS, ids=str)
def test_every_part_of_a_definition(parts: dict[str, Any], dtype: str) -> None:
    definition = definition_for("huber", **({"training": PLAN, "dtype": dtype} | parts))
    compare(definition, samples_for("huber"))


@pytest.mark.parametrize("rows", [1, 5, 12])
def test_weights_of_samples(rows: int) -> None:
    given = samples_for("cross_entropy")
    weighted = Samples(given.inputs, given.targets, np.linspace(0, 3, 12))
    definition = definition_for("cross_entropy", training={"epochs": 20, "batch_size": rows})
    compare(definition, weighted, weighted)
    compare(definition, weighted, given)
    compare(definition, given, weighted)


@pytest.mark.parametrize("monitor", ["validation_loss", "training_loss"])
@pytest.mark.parametrize("restore_best", [True, False])
def test_early_stopping(monitor: str, restore_best: bool) -> None:
    stopping = {"monitor": monitor, "patience": 3, "minimum_delta": 0.002, "restore_best": restore_best}
    plan = {"epochs": 400, "batch_size": 5, "early_stopping": stopping}
    definition = definition_for("squared_error", optimizer={"name": "adam", "learning_rate": 0.05}, training=plan)
    validation = samples_for("squared_error", seed=1)
    compare(definition, samples_for("squared_error"), validation)
    compare(definition, samples_for("squared_error"))


def test_more_validation_samples_than_fit_at_once() -> None:
    compare(
        definition_for("log_loss", training=PLAN), samples_for("log_loss"), samples_for("log_loss", rows=2500, seed=1)
    )


def test_layers_of_every_size() -> None:
    generator = np.random.default_rng(3)
    for rows, inputs, outputs in ((70, 1, 1), (70, 33, 17), (300, 65, 2), (9, 130, 40)):
        hidden = [{"units": int(units), "activation": "tanh"} for units in generator.integers(1, 90, 3)]
        definition = definition_for(
            "squared_error", hidden=hidden, inputs=inputs, outputs=outputs, training={"epochs": 3, "batch_size": 64}
        )
        compare(definition, samples_for("squared_error", rows, inputs, outputs))


@pytest.mark.parametrize(
    ("network", "rate"),
    [
        ([{"units": 4, "activation": "relu"}, {"units": 3, "activation": "identity"}], 1e200),
        ([{"units": 4, "activation": "tanh"}], 1e300),
        ([{"units": 4, "activation": "softplus"}], 1e155),
        ([], 1e160),
    ],
)
@pytest.mark.parametrize("validated", [True, False])
def test_divergence_is_seen_where_the_plain_engine_sees_it(
    network: list[dict[str, Any]], rate: float, validated: bool
) -> None:
    definition = definition_for(
        "squared_error", hidden=network, optimizer={"name": "sgd", "learning_rate": rate}, training=PLAN
    )
    samples = samples_for("squared_error")
    validation = samples_for("squared_error", seed=1) if validated else None
    compiled = Trainer(definition, samples, validation, engine=CompiledEngine)
    plain = Trainer(definition, samples, validation)
    done = [list(epochs(trainer)) for trainer in (compiled, plain)]
    assert plain.diverged is not None
    assert compiled.diverged == plain.diverged
    assert [one.number for one in done[0]] == [one.number for one in done[1]]
    assert np.isfinite(compiled.result.vector).all()


def test_the_same_training_gives_the_same_bits() -> None:
    definition = definition_for("cross_entropy", dtype="float32", training=PLAN)
    samples = samples_for("cross_entropy")
    first, second = (Trainer(definition, samples, engine=CompiledEngine) for _ in range(2))
    assert list(epochs(first)) == list(epochs(second))
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_training_cut_at_any_batch_goes_on_with_the_same_bits(dtype: str) -> None:
    hidden = [{"units": 6, "activation": "relu", "dropout": 0.3}]
    parts = {"optimizer": {"name": "nadam"}, "schedule": {"name": "reduce_on_plateau", "patience": 1}}
    plan = {"epochs": 4, "batch_size": 5}
    definition = definition_for("squared_error", hidden=hidden, dtype=dtype, training=plan, **parts)
    samples, validation = samples_for("squared_error"), samples_for("squared_error", seed=1)

    def trainer() -> Trainer:
        return Trainer(definition, samples, validation, engine=CompiledEngine)

    whole = trainer()
    uncut = whole.advance(1000).epochs
    for cut in range(1, whole.batches_per_epoch * 4):
        first, second = trainer(), trainer()
        before = first.advance(cut).epochs
        second.restore(first.state())
        assert before + second.advance(1000).epochs == uncut
        assert second.state() == whole.state()


def test_engines_take_over_from_each_other() -> None:
    definition = definition_for("squared_error", training=PLAN)
    samples = samples_for("squared_error")
    plain, compiled = Trainer(definition, samples), Trainer(definition, samples, engine=CompiledEngine)
    reference = list(epochs(Trainer(definition, samples)))
    before = plain.advance(7).epochs
    compiled.restore(plain.state())
    same([*before, *epochs(compiled)], reference, "float64")


REFERENCE = Path(__file__).parents[2] / "conformance" / "reference"


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_reference_run(path: Path) -> None:
    run = json.loads(path.read_text())
    job, expect = run["job"], run["expect"]
    inputs, targets = (np.array(job["data"][name]) for name in ("inputs", "targets"))
    plan = {name: value for name, value in job["training"].items() if name != "validation_fraction"}
    parts = {name: job[name] for name in ("network", "loss", "optimizer", "schedule", "regularization") if name in job}
    definition = Definition.model_validate_json(json.dumps({**parts, "training": plan}))
    trainer = Trainer(
        definition.resolve(inputs.shape[1], targets.shape[1]), Samples(inputs, targets), engine=CompiledEngine
    )
    done = list(epochs(trainer))
    for name in ("training_loss", "learning_rate"):
        np.testing.assert_allclose([getattr(one, name) for one in done], expect[name], 1e-9, 1e-12)
    for weights, biases, layer in zip(trainer.result.weights, trainer.result.biases, expect["layers"], strict=True):
        np.testing.assert_allclose(weights, layer["weights"], 1e-9, 1e-12)
        if biases is not None:
            np.testing.assert_allclose(biases, layer["biases"], 1e-9, 1e-12)
