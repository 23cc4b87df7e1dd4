"""Rows shuffled in blocks train the same network wherever they lie, whatever trains, and however often it is cut."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.parameters import layout
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import definition_for, samples_for
from tests.backprop.mapping import mapped

ROWS = 403
ENGINES = pytest.mark.parametrize("engine", [NumpyEngine, CompiledEngine])


def definition(**plan: Any) -> Definition:  # noqa: ANN401 - the fields of a plan
    return definition_for(
        "squared_error",
        hidden=[{"units": 4, "activation": "tanh", "dropout": 0.1}],
        training={"epochs": 3, "batch_size": 10, "shuffle_block": 3, "seed": 9, **plan},
    )


def samples(seed: int = 0, rows: int = ROWS) -> Samples:
    """Some of them count more than others; as an engine takes them."""
    given, weights = samples_for("squared_error", rows, seed=seed), np.random.default_rng(seed).random(rows)
    network = definition()
    return prepared(Samples(given.inputs, given.targets, weights), network, layout(network.network, 3))


def trained(trainer: Trainer, stride: int = 10_000) -> bytes:
    while not trainer.finished:
        trainer.advance(stride)
    return trainer.parameters.vector.tobytes()


@ENGINES
@pytest.mark.parametrize(
    "plan",
    [{}, {"shuffle_block": 1}, {"shuffle_block": 100}, {"batch_size": 400}, {"batch_size": 1}, {"shuffle": False}],
)
def test_mapped_samples_train_the_weights_that_those_in_memory_do(
    engine: EngineMaker, plan: dict[str, Any], tmp_path: Path
) -> None:
    ours, others = samples(), samples(1, 50)
    (tmp_path / "validation").mkdir()
    files = mapped(ours, tmp_path), mapped(others, tmp_path / "validation")

    in_memory, from_files = (Trainer(definition(**plan), *both, engine=engine) for both in ((ours, others), files))

    assert in_memory.advance(70) == from_files.advance(70)
    assert trained(in_memory) == trained(from_files)


@pytest.mark.parametrize("plan", [{}, {"shuffle_block": 1}, {"shuffle_block": 7, "batch_size": 150}])
def test_both_engines_take_the_rows_in_the_same_order(plan: dict[str, Any]) -> None:
    compiled, plain = (Trainer(definition(**plan), samples(), engine=one) for one in (CompiledEngine, NumpyEngine))
    for _ in range(7):
        ours, reference = compiled.advance(18), plain.advance(18)
        assert (ours.epoch, ours.batch, ours.samples) == (reference.epoch, reference.batch, reference.samples)
        np.testing.assert_allclose(compiled.parameters.vector, plain.parameters.vector, 1e-12, 1e-14)


@ENGINES
@pytest.mark.parametrize("batches", [1, 4, 5, 41, 60, 122])
def test_a_training_cut_at_any_batch_goes_on_with_the_same_bits(engine: EngineMaker, batches: int) -> None:
    cut = Trainer(definition(), samples(), engine=engine)
    cut.advance(batches)
    resumed = Trainer(definition(), samples(), engine=engine)
    resumed.restore(cut.state())

    assert trained(resumed, 7) == trained(Trainer(definition(), samples(), engine=engine))


@ENGINES
def test_a_state_of_mapped_samples_is_one_of_those_in_memory(engine: EngineMaker, tmp_path: Path) -> None:
    first = Trainer(definition(), samples(), engine=engine)
    first.advance(50)
    second = Trainer(definition(), mapped(samples(), tmp_path), engine=engine)
    second.restore(first.state())

    assert trained(first) == trained(second)


@ENGINES
def test_pages_do_not_pile_up(engine: EngineMaker, tmp_path: Path) -> None:
    """Mapped training and validation rows come and go: in the end less than a tenth of them is resident."""
    rows = 300_000
    given = samples_for("squared_error", rows, inputs=8)
    many = mapped(Samples(given.inputs, given.targets, None, ready=True), tmp_path)
    plan = {"epochs": 1, "batch_size": 500, "shuffle_block": 1000}
    network = definition_for("squared_error", hidden=[], inputs=8, training=plan)
    trainer = Trainer(network, many, many, engine=engine)

    trainer.advance(1000)
    trainer.state()

    assert trainer.finished
    assert _resident(many.inputs) < 0.1 * many.inputs.nbytes


def test_taking_some_rows_leaves_no_pages(tmp_path: Path) -> None:
    given = samples_for("squared_error", 300_000, inputs=8)
    rows = np.arange(0, 300_000, 1500)
    many = mapped(given, tmp_path)
    some, reference = many.taken(rows), given.taken(rows)
    assert some.inputs.tolist() == reference.inputs.tolist()
    assert some.targets.tolist() == reference.targets.tolist()
    assert _resident(many.inputs) == 0


def _resident(values: Any) -> int:  # noqa: ANN401
    lines = Path("/proc/self/smaps").read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"{values.ctypes.data:x}-"))
    return 1024 * next(int(line.split()[1]) for line in lines[begin:] if line.startswith("Rss:"))
