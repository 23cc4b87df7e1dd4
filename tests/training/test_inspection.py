import numpy as np
import pytest

from deltarule.backprop.network import rows_at_once
from deltarule.backprop.numerics import Array
from deltarule.backprop.parameters import Parameters, initial_parameters, layout
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.trainer import Trainer, epochs
from deltarule.training.inspection import Units, evenly_spread, look_at_slope, look_at_units
from tests.backprop.making import definition_for, samples_for

ROWS = np.linspace(-1, 1, 40)[:, np.newaxis]


def looked_at(
    hidden: dict[str, object], output: dict[str, object], targets: Array, loss: str = "squared_error"
) -> Units:
    """What the units of a network of two layers do on `ROWS`, one input each."""
    definition = definition_for(loss, hidden=[hidden], output=output, inputs=1, outputs=targets.shape[1])
    samples = prepared(Samples(ROWS, targets), definition, layout(definition.network, 1))
    return look_at_units(definition, initial_parameters(definition.network, 1, 0), samples)


def hidden(activation: str, weights: list[float], biases: list[float]) -> dict[str, object]:
    return {"units": len(weights), "activation": activation, "weights": [[w] for w in weights], "biases": biases}


def summed(units: int, activation: str = "identity") -> dict[str, object]:
    """An output of all units together."""
    return {"activation": activation, "weights": [[1.0] * units], "biases": [0.0]}


def test_rows_are_spread_over_all() -> None:
    samples = Samples(np.arange(10.0)[:, np.newaxis], np.arange(10.0)[:, np.newaxis], np.arange(10.0))

    few = evenly_spread(samples, 4)

    assert few.inputs.ravel().tolist() == few.targets.ravel().tolist() == [0, 2, 5, 7]
    assert few.weights is not None
    assert few.weights.tolist() == [0, 2, 5, 7]
    assert len(evenly_spread(samples, 11)) == 10


def test_a_relu_is_dead_when_it_is_0_on_all_rows() -> None:
    relus = hidden("relu", [1, 1, 1, 0], [-1.5, -0.999, 0, -1])

    units = looked_at(relus, summed(4), ROWS)

    assert units.rows == 40
    assert units.stuck == (2, 0), "the second unit answers on one row, the third on half of them"


@pytest.mark.parametrize(("activation", "edge"), [("sigmoid", 4.3565), ("tanh", 2.1783), ("softsign", 3.4722)])
def test_a_unit_is_saturated_where_its_slope_is_a_twentieth_on_almost_all_rows(activation: str, edge: float) -> None:
    constant = hidden(activation, [0, 0, 0, 0], [edge + 0.001, edge - 0.001, -edge - 0.001, -edge + 0.001])
    # |z| is above the edge on 38 of 40 rows, and on 39.
    steep = hidden(activation, [edge / 0.06, edge / 0.04], [0, edge / 0.04 / 39])

    assert looked_at(constant, summed(4), ROWS).stuck == (2, 0)
    assert looked_at(steep, summed(2), ROWS).stuck == (1, 0)


@pytest.mark.parametrize("activation", ["identity", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus"])
def test_units_that_always_let_something_pass_are_not_counted(activation: str) -> None:
    assert looked_at(hidden(activation, [0, 0], [-9, 9]), summed(2), ROWS).stuck == (0, 0)


def test_outputs_may_be_sure_of_themselves_but_not_dead() -> None:
    sure = hidden("identity", [0], [50])
    off = hidden("identity", [0], [-50])

    assert looked_at(sure, summed(1, "sigmoid"), np.ones((40, 1)), "log_loss").stuck == (0, 0)
    assert looked_at(off, summed(1, "relu"), ROWS).stuck == (0, 1)


def test_what_the_outputs_explain() -> None:
    line = hidden("identity", [1], [0])
    nothing = hidden("identity", [0], [0])

    assert looked_at(line, summed(1), ROWS).explained == 1
    assert looked_at(nothing, summed(1), ROWS).explained == pytest.approx(0)
    assert looked_at(line, summed(1), ROWS + 0.1 * np.sin(99 * ROWS)).explained == pytest.approx(0.98, abs=0.01)
    assert looked_at(hidden("identity", [-1], [0]), summed(1), ROWS).explained == pytest.approx(-3)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e30])
def test_targets_all_alike_are_explained_by_anything(constant: float) -> None:
    assert looked_at(hidden("identity", [1], [0]), summed(1), np.full((40, 1), constant)).explained == 1


def test_a_hinge_loss_wants_outputs_beyond_its_targets() -> None:
    assert looked_at(hidden("identity", [1e6], [0]), summed(1), np.sign(ROWS), "hinge").explained == 1


def test_outputs_beyond_all_numbers_explain_nothing() -> None:
    huge = looked_at(hidden("identity", [1e300, -1e300], [0, 0]), summed(2) | {"weights": [[1e300, 1e300]]}, ROWS)

    assert not huge.explained >= 0


def test_many_rows_are_as_few() -> None:
    """More rows than one pass takes: each of them counts once."""
    definition = definition_for("squared_error", hidden=[{"units": 9, "activation": "tanh"}])
    shape = layout(definition.network, 3)
    parameters = Parameters(shape, np.random.default_rng(1).standard_normal(shape.size) * 3)
    few = samples_for("squared_error", rows=700)
    many = Samples(np.tile(few.inputs, (3, 1)), np.tile(few.targets, (3, 1)))

    once, thrice = look_at_units(definition, parameters, few), look_at_units(definition, parameters, many)

    assert (once.rows, thrice.rows) == (700, 2100)
    assert thrice.stuck == once.stuck
    assert thrice.explained == pytest.approx(once.explained)


@pytest.mark.parametrize("batch_size", ["full", 1, 2, 5, 100])
@pytest.mark.parametrize("weights", [None, np.arange(1.0, 9.0)], ids=["", "weighted"])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_slope_is_what_the_history_has_of_an_epoch(
    batch_size: int | str, weights: Array | None, dropout: float
) -> None:
    """An epoch in which nothing moves: the same rows in the same batches, with the same units dropped."""
    definition = definition_for(
        "log_loss",
        hidden=[{"units": 6, "activation": "tanh", "dropout": dropout}],
        optimizer={"name": "sgd", "learning_rate": 1e-12},
        training={"epochs": 1, "batch_size": batch_size, "seed": 4},
    )
    given = samples_for("log_loss", rows=8)
    samples = Samples(given.inputs, given.targets, weights)
    shape = layout(definition.network, 3)

    slope = look_at_slope(
        definition, initial_parameters(definition.network, 3, 4), prepared(samples, definition, shape)
    )

    (epoch,) = epochs(Trainer(definition, samples))
    assert slope.norms == pytest.approx(epoch.gradient_norm, rel=1e-6)
    if batch_size != 5:  # an epoch's loss is the mean of its rows, and here one batch has five of them and one three
        assert slope.loss == pytest.approx(epoch.training_loss, rel=1e-6)


def test_a_slope_looks_at_the_first_batches_of_many() -> None:
    samples = samples_for("squared_error", rows=400)
    plan = {"epochs": 1, "batch_size": 5, "shuffle": False}
    definition = definition_for("squared_error", training=plan)
    parameters = initial_parameters(definition.network, 3, 0)
    first = Samples(samples.inputs[:40], samples.targets[:40])

    assert look_at_slope(definition, parameters, samples) == look_at_slope(definition, parameters, first)


def test_of_a_batch_too_large_for_one_pass_a_part_is_looked_at() -> None:
    samples = samples_for("squared_error", rows=5000)
    definition = definition_for("squared_error", training={"epochs": 1, "batch_size": "full"})
    parameters = initial_parameters(definition.network, 3, 0)
    part = evenly_spread(samples, rows_at_once(parameters.layout))

    assert len(part) < 5000
    assert look_at_slope(definition, parameters, samples) == look_at_slope(definition, parameters, part)


def test_where_numbers_overflow_nothing_is_warned_about() -> None:
    definition = definition_for("squared_error", hidden=[{"units": 4, "activation": "relu"}], dtype="float32")
    shape = layout(definition.network, 3)
    parameters = Parameters(shape, np.full(shape.size, 1e30, np.float32))
    samples = prepared(samples_for("squared_error"), definition, shape)

    assert not np.isfinite(look_at_slope(definition, parameters, samples).loss)
    assert not look_at_units(definition, parameters, samples).explained >= 0
