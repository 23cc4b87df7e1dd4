import numpy as np
import pytest

from deltarule.backprop.engine import EpochNumbers, Problem, Stretch
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.parameters import initial_parameters, layout
from deltarule.backprop.samples import prepared
from deltarule.backprop.state import Stop, initial_state
from tests.backprop.making import definition_for, samples_for


def problem(rows: int = 10, batch_size: int | str = 4) -> Problem:
    definition = definition_for("squared_error", training={"epochs": 3, "batch_size": batch_size})
    shape = layout(definition.network, 3)
    return Problem(definition, shape, prepared(samples_for("squared_error", rows), definition, shape), None)


@pytest.mark.parametrize(
    ("rows", "asked", "size", "batches"), [(10, 4, 4, 3), (8, 4, 4, 2), (3, 4, 3, 1), (7, "full", 7, 1), (5, 1, 1, 5)]
)
def test_batches_of_an_epoch(rows: int, asked: int | str, size: int, batches: int) -> None:
    given = problem(rows, asked)
    assert (given.batch_size, given.batches) == (size, batches)


def test_a_stretch_is_columns() -> None:
    epochs = [EpochNumbers(1, 0.5, 0.6, 0.1, (1.0, 2.0)), EpochNumbers(2, 0.4, 0.5, 0.1, (3.0, 4.0))]
    stretch = Stretch.of(epochs, layers=2, samples=20)
    assert stretch.numbers.tolist() == [1, 2]
    assert stretch.training_loss.tolist() == [0.5, 0.4]
    assert stretch.gradient_norm.tolist() == [[1, 2], [3, 4]]
    assert Stretch.of([], layers=2, samples=0).gradient_norm.shape == (0, 2)


def test_an_engine_advances_the_state_it_is_given() -> None:
    given = problem()
    start = initial_parameters(given.definition.network, 3, 0)
    state, engine = initial_state(given.definition, start), NumpyEngine(given)

    first = engine.train(state, 2)
    assert (state.progress.epoch, state.progress.batch, state.progress.step) == (0, 2, 2)
    assert (first.samples, first.numbers.size, state.progress.stop) == (8, 0, Stop.GOING_ON)
    np.testing.assert_array_equal(state.last, start.vector)
    assert (state.parameters != start.vector).any()
    assert state.norms.all()

    second = engine.train(state, 100)
    assert (state.progress.epoch, state.progress.batch, state.progress.step) == (3, 0, 9)
    assert (second.samples, second.numbers.tolist(), state.progress.stop) == (22, [1, 2, 3], Stop.EPOCHS_DONE)
    assert np.isnan(second.validation_loss).all()
    np.testing.assert_array_equal(state.last, state.parameters)
    assert engine.train(state, 1).samples == 0
