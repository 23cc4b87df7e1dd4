"""A run cut at any batch and taken up again by another trainer ends with the same bits, whatever it is made of."""

import itertools
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.trainer import Epoch, Trainer
from tests.backprop.making import definition_for, samples_for

OPTIMIZERS = (
    {"name": "sgd"},
    {"name": "sgd", "momentum": 0.9},
    {"name": "sgd", "momentum": 0.9, "nesterov": True},
    {"name": "rmsprop"},
    {"name": "adagrad"},
    {"name": "adam"},
    {"name": "adam", "amsgrad": True},
    {"name": "adamw", "amsgrad": True},
    {"name": "nadam"},
)
SCHEDULES = (
    {"name": "constant", "warmup_epochs": 2},
    {"name": "step", "every": 1, "decay": 0.5},
    {"name": "exponential"},
    {"name": "cosine"},
    {"name": "reduce_on_plateau", "patience": 0, "factor": 0.5},
)
TRAINING, VALIDATION = samples_for("cross_entropy", rows=11), samples_for("cross_entropy", rows=6, seed=1)


def the_definition(optimizer: dict[str, Any], schedule: dict[str, Any], dropout: float, stopping: bool) -> Definition:
    return definition_for(
        "cross_entropy",
        hidden=({"units": 4, "activation": "tanh", "dropout": dropout}, {"units": 3, "dropout": dropout}),
        dtype="float32",
        optimizer={**optimizer, "learning_rate": 0.3},
        schedule=schedule,
        regularization={"l1": 1e-3, "l2": 1e-2, "max_gradient_norm": 1.0},
        training={
            "epochs": 4,
            "batch_size": 4,
            "seed": 3,
            "early_stopping": {"patience": 1, "minimum_delta": 0.01} if stopping else None,
        },
    )


def new(definition: Definition, engine: EngineMaker = NumpyEngine) -> Trainer:
    return Trainer(definition, TRAINING, VALIDATION, engine=engine)


@pytest.mark.parametrize("engine", [NumpyEngine, CompiledEngine], ids=["numpy", "compiled"])
@pytest.mark.parametrize("stopping", [False, True], ids=["to-the-end", "early-stopping"])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule["name"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: "-".join(map(str, optimizer.values())))
def test_cut_at_every_batch(
    optimizer: dict[str, Any], schedule: dict[str, Any], dropout: float, stopping: bool, engine: EngineMaker
) -> None:
    definition = the_definition(optimizer, schedule, dropout, stopping)
    whole = new(definition, engine)
    epochs = list(whole.advance(100).epochs)
    end = whole.state()
    assert whole.finished

    walking, before = new(definition, engine), list[Epoch]()
    while not walking.finished:
        resumed = new(definition, engine)
        resumed.restore(walking.state())
        assert [*before, *resumed.advance(100).epochs] == epochs
        assert resumed.state() == end
        before += walking.advance(1).epochs
    assert before == epochs
    np.testing.assert_array_equal(walking.result.vector, whole.result.vector)


@pytest.mark.parametrize("strides", [(1,), (2, 5), (7,), (3, 1, 4)])
def test_however_the_batches_are_asked_for(strides: tuple[int, ...]) -> None:
    definition = the_definition({"name": "adam"}, {"name": "cosine"}, dropout=0.2, stopping=False)
    whole, walking, samples = new(definition), new(definition), 0
    expected = whole.advance(100)
    for stride in itertools.cycle(strides):
        advance = walking.advance(stride)
        samples += advance.samples
        if walking.finished:
            break
    assert walking.state() == whole.state()
    assert samples == expected.samples == 4 * 11


def test_a_trainer_may_go_back() -> None:
    definition = the_definition({"name": "adam"}, {"name": "constant"}, dropout=0.2, stopping=False)
    trainer = new(definition)
    trainer.advance(5)
    early = trainer.state()
    trainer.advance(100)
    end = trainer.state()
    trainer.restore(early)
    assert not trainer.finished
    trainer.advance(100)
    assert trainer.state() == end
