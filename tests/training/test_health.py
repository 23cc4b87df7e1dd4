"""Networks made ill in one way each are told so, in the job's warnings; the healthy ones hear nothing."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.parameters import layout
from deltarule.training import health
from deltarule.training.gradients import FADED, SWOLLEN, Gradients
from deltarule.training.health import Evidence, diagnose, ill
from deltarule.training.inspection import Slope, Units
from deltarule.training.run import Run
from deltarule.training.tables import Table, read
from tests.backprop.making import definition_for
from tests.training.making import arrays, finished, line, started, table_of

EXAMPLES = Path(__file__).parents[2] / "examples"

XOR = arrays([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def penguins() -> Table:
    """Those that nothing is missing of."""
    return table_of(**read(EXAMPLES / "penguins.csv", "csv").frame.drop_nulls().to_dict(as_series=False))


def wave(rows: int = 120) -> Table:
    """A sine, which takes some hidden units to learn."""
    x = [12 * row / rows - 6 for row in range(rows)]
    return table_of(x=x, y=[math.sin(value) for value in x])


def hidden(activation: str, *units: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a layer
    return {"layers": [*({"units": one, "activation": activation, **more} for one in units), {}]}


def drawn(activation: str, sizes: list[int], scale: float) -> dict[str, Any]:
    """Hidden layers with normal weights, a standard deviation of scale / √fan-in each."""
    draw = np.random.default_rng(3).standard_normal
    weights = [(draw((units, fan_in)) * scale / math.sqrt(fan_in)).tolist() for fan_in, units in pairwise(sizes)]
    return {"layers": [*({"units": len(w), "activation": activation, "weights": w} for w in weights), {}]}


def about_health(run: Run) -> tuple[str, ...]:
    return tuple(told for told in run.warnings if "The training loss never fell" not in told)


SGD = {"name": "sgd", "learning_rate": 0.1}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("table", "job"),
    [
        (XOR, {}),
        (XOR, {"network": hidden("relu", 8), "optimizer": {"name": "adam", "learning_rate": 0.05}}),
        (XOR, {"network": hidden("tanh", 4), "optimizer": {"name": "sgd", "learning_rate": 1.0}}),
        (penguins(), {"target": "species"}),
        (penguins(), {"target": "body_mass_g", "network": hidden("relu", 32, 16)}),
        (penguins(), {"target": "sex", "network": hidden("sigmoid", 16)}),
        (line(), {"target": "y"}),
        (wave(), {"target": "y", "network": hidden("softsign", 32, 32)}),
    ],
    ids=["xor", "xor relu", "xor sgd", "penguins", "penguins relu", "penguins sigmoid", "line", "wave"],
)
def test_a_healthy_network_hears_nothing(table: Table, job: dict[str, Any], seed: int) -> None:
    assert about_health(finished(table, training={"seed": seed}, **job)) == ()


@pytest.mark.parametrize("optimizer", [SGD, {"name": "adam", "learning_rate": 0.05}, {"name": "rmsprop"}], ids=str)
def test_ten_sigmoid_layers_let_the_gradient_vanish(optimizer: dict[str, Any]) -> None:
    """Whatever else such a network gets, such as units that Adam's steps saturate, comes of that."""
    run = finished(wave(), target="y", network=hidden("sigmoid", *[16] * 10), optimizer=optimizer)

    (told,) = about_health(run)
    assert told.startswith("Vanishing gradients: with the initial weights the gradient per parameter of layer 1 (sigmo")
    assert "e-07 times that of layer 11 (identity), and it was below 0.001 times it in " in told
    assert told.endswith('Try relu or tanh with the initializer "auto" (he_normal, glorot_uniform), or fewer layers.')


def test_weights_of_zero_let_no_gradient_through() -> None:
    network = hidden("tanh", 8, 8) | {"initializer": "zeros"}

    (told,) = about_health(finished(wave(), target="y", network=network))

    assert "of layer 1 (tanh) is 0 times that of layer 3 (identity)" in told
    assert told.endswith("weights of 0 let no gradient through.")


def test_far_too_small_weights_let_the_gradient_vanish() -> None:
    (told,) = about_health(finished(wave(), target="y", network=drawn("tanh", [1, 8, 8, 8, 8], 0.01), optimizer=SGD))

    assert told.startswith("Vanishing gradients")


def test_large_negative_biases_kill_relus() -> None:
    network = {
        "layers": [{"units": 8, "activation": "relu", "biases": [-20] * 8}, {"units": 4, "activation": "tanh"}, {}]
    }

    (told,) = about_health(finished(wave(), target="y", network=network))

    assert told == (
        "Dead ReLUs, from the start: 8 of 8 units of layer 1 (relu) answer 0 for each of the 96 training rows looked "
        "at, and no gradient passes through them. Try leaky_relu, or smaller initial weights (the initializer "
        '"auto") and biases of 0.'
    )


def test_a_network_that_learned_by_the_few_relus_left_hears_of_the_others() -> None:
    network = {"layers": [{"units": 32, "activation": "relu", "biases": [-20] * 24 + [0] * 8}, {}]}
    run = finished(penguins(), target="species", network=network)

    assert run.metrics()["training"]["accuracy"] > 0.95
    (told,) = about_health(run)
    assert told.startswith("Dead ReLUs, from the start: 24 of 32 units of layer 1 (relu)")


def test_a_step_too_large_kills_relus() -> None:
    """All outputs are too large by some 6, and the first step takes all weights far below 0 for that."""
    weights = [{"units": 4, "activation": "relu", "weights": [[1.0]] * 4}, {"weights": [[1.0] * 4]}]
    table = table_of(x=[1 + row / 40 for row in range(40)], y=[math.sin(row) for row in range(40)])

    run = finished(
        table,
        target="y",
        preprocessing={"standardize": False, "standardize_target": False},
        network={"layers": weights},
        optimizer={"name": "sgd", "learning_rate": 0.3},
        training={"batch_size": "full", "epochs": 20},
    )

    (told,) = about_health(run)
    assert told.startswith("Dead ReLUs: 4 of 4 units of layer 1 (relu) answer 0 for each of the 32 training rows")
    assert "Try leaky_relu, or a learning rate well below 0.3, or a bound on the gradient (max_gradient_norm), " in told


def test_outputs_may_be_dead_too() -> None:
    network = {"layers": [{"units": 4, "activation": "tanh"}, {"activation": "relu", "biases": [-50]}]}

    (told,) = about_health(finished(wave(), target="y", network=network, optimizer=SGD))

    assert told.startswith("Dead ReLUs, from the start: 1 of 1 units of layer 2 (relu)")


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softsign"])
@pytest.mark.parametrize("optimizer", [SGD, {"name": "adam"}], ids=["sgd", "adam"])
def test_huge_initial_weights_saturate(activation: str, optimizer: dict[str, Any]) -> None:
    """Also where the layers above learn well enough from what the saturated ones happen to answer."""
    network = drawn(activation, [10, 32, 32], 600)

    run = finished(penguins(), target="species", features=None, network=network, optimizer=optimizer)

    (told,) = about_health(run)
    assert told == (
        f"Saturated units, from the start: 32 of 32 units of layer 1 ({activation}), 32 of 32 units of layer 2 "
        f"({activation}) have a slope of less than 5% of the steepest on over 95% of the 266 training rows looked at, "
        'and hardly any gradient passes through them. Try smaller initial weights (the initializer "auto") and '
        "biases of 0."
    )


def test_features_far_from_0_saturate() -> None:
    x = [1e6 + row for row in range(60)]
    table = table_of(x=x, y=[math.sin(value) for value in x])

    run = finished(table, target="y", network=hidden("tanh", 8), preprocessing={"standardize": False})

    (told,) = about_health(run)
    assert told.startswith("Saturated units, from the start: 8 of 8 units of layer 1 (tanh)")
    assert told.endswith("Try standardized features.")


DESCENT = {"target": "y", "network": {"layers": [{}]}, "training": {"batch_size": "full", "early_stopping": None}}
"""Batch gradient descent of a linear model: a rate beyond its bound multiplies the error by the same in each epoch."""


def test_a_rate_too_large_lets_gradients_explode() -> None:
    job = DESCENT | {"training": {**DESCENT["training"], "epochs": 8}}

    (told,) = about_health(finished(line(), **job, optimizer={"name": "sgd", "learning_rate": 3.0}))

    assert told.startswith("Exploding gradients: their largest norm was ")
    assert " in epoch 8, in layer 1 (identity); the loss rose from " in told
    assert told.endswith("Try a learning rate well below 3, or a bound on the gradient (max_gradient_norm).")


def test_a_divergence_is_told_with_the_way_there() -> None:
    run = finished(line(), **DESCENT, optimizer={"name": "sgd", "learning_rate": 3.0})

    assert run.failure is not None
    (told,) = about_health(run)
    assert f" in epoch {run.failure.epoch - 1}, in layer 1 (identity); the loss rose from " in told
    assert "; then the numbers left the range of float32. Try " in told


def test_a_divergence_in_the_first_epoch_is_told_from_the_start() -> None:
    run = finished(line(), target="y", network=hidden("relu", 16), optimizer={"name": "sgd", "learning_rate": 1e30})

    assert run.failure is not None
    assert run.failure.epoch == 1
    (told,) = about_health(run)
    assert "with the initial weights; then the numbers left the range of float32" in told


def test_weights_too_large_for_so_many_layers_let_gradients_grow_on_their_way() -> None:
    run = finished(
        penguins(),
        target="species",
        network=drawn("tanh", [10, *[32] * 16], 6.0),
        optimizer={"name": "sgd", "learning_rate": 0.001},
        training={"epochs": 20, "early_stopping": None},
    )

    (told,) = about_health(run)
    assert told.startswith("Exploding gradients: with the initial weights the gradient per parameter of layer 1 (tanh)")
    assert " times that of layer 17 (softmax), and it was over 10 times it in " in told
    assert told.endswith(
        'Try smaller initial weights (the initializer "auto") and biases of 0, or fewer layers, or a bound on the '
        "gradient (max_gradient_norm)."
    )


def test_a_model_that_goes_on_tells_of_the_weights_it_has() -> None:
    dead = {"layers": [{"units": 8, "activation": "relu", "biases": [-20] * 8}, {}]}
    model = finished(wave(), target="y", network=dead).model()

    (told,) = about_health(finished(wave(), continued=model, network={"model_id": "m"}))

    assert told.startswith("Dead ReLUs, from the start: 8 of 8 units")
    assert told.endswith("Try leaky_relu, or other weights than those of the model that it goes on from.")


def test_a_model_that_goes_on_well_hears_nothing() -> None:
    model = finished(penguins(), target="species").model()

    assert about_health(finished(penguins(), continued=model, network={"model_id": "m"})) == ()


def test_nothing_is_told_before_the_end() -> None:
    run = started(wave(), target="y", network=hidden("sigmoid", *[16] * 10), optimizer=SGD)
    run.advance(0.0)

    assert not run.finished
    assert run.warnings == ()


@pytest.mark.parametrize("optimizer", [SGD, {"name": "sgd", "learning_rate": 300.0}], ids=["vanishing", "exploding"])
def test_an_interrupted_run_says_the_same(optimizer: dict[str, Any]) -> None:
    job = {"target": "y", "network": hidden("sigmoid", *[8] * 8), "optimizer": optimizer, "training": {"epochs": 9}}
    whole, cut = finished(wave(), **job), started(wave(), **job)

    while not cut.finished:
        cut.advance(0.0)
        state, cut = cut.state(), started(wave(), **job)
        cut.restore(state)

    assert whole.warnings
    assert cut.warnings == whole.warnings


def test_a_run_that_goes_back_is_silent_again() -> None:
    run = started(wave(), target="y", network=hidden("sigmoid", *[16] * 10), optimizer=SGD)
    state = run.state()
    while not run.finished:
        run.advance()
    assert run.warnings

    run.restore(state)

    assert run.warnings == ()


def test_the_end_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(wave(), target="y", network=hidden("sigmoid", *[16] * 10), optimizer=SGD)
    told = run.warnings

    monkeypatch.delattr(health, "examine")

    assert run.warnings == told


def test_a_network_that_has_learned_costs_one_forward_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(penguins(), target="species")
    monkeypatch.delattr(health, "look_at_slope")
    monkeypatch.delattr(health, "initial_parameters")

    assert run.warnings == ()


SHAPE_OF = {"hidden": [{"units": 10, "activation": "relu"}, {"units": 4, "activation": "tanh"}]}
"""With 3 inputs and 2 outputs: layers of 40, 44 and 10 parameters."""


def evidence(**changes: Any) -> Evidence:  # noqa: ANN401 - parts of an evidence
    """A network that has not learned, though there is nothing wrong with it."""
    definition = definition_for("squared_error", **SHAPE_OF, optimizer={"name": "sgd", "learning_rate": 0.5})
    sound = Units(rows=100, stuck=(0, 0, 0), explained=0.2)
    healthy = Evidence(
        definition=definition,
        standardized=True,
        continued=False,
        shape=layout(definition.network, 3),
        gradients=Gradients(epochs=50, peak=[1.0, 2.0, 3.0], peak_epoch=2, peak_loss=1.5),
        slope=Slope(loss=1.4, norms=(math.sqrt(40), math.sqrt(44), math.sqrt(10))),
        began=sound,
        ended=sound,
    )
    return replace(healthy, **changes)


def units(*stuck: int, explained: float = 0.2) -> Units:
    return Units(rows=100, stuck=stuck, explained=explained)


def test_not_to_have_learned_is_no_illness() -> None:
    assert diagnose(evidence()) == ()


def test_most_of_a_layer_is_more_than_half() -> None:
    assert ill(units(5, 3, 0), evidence().shape) == (1,)
    assert ill(units(6, 2, 2), evidence().shape) == (0, 2)


def test_dead_and_saturated_layers_are_told_apart() -> None:
    dead, saturated = diagnose(evidence(ended=units(6, 4, 0)))

    assert dead.startswith("Dead ReLUs: 6 of 10 units of layer 1 (relu) answer 0 for each of the 100 training rows")
    assert saturated.startswith("Saturated units: 4 of 4 units of layer 2 (tanh) have a slope")
    assert saturated.endswith("Try a learning rate well below 0.5, or a bound on the gradient (max_gradient_norm).")


def test_units_that_got_stuck_while_the_network_learned_are_no_matter() -> None:
    assert diagnose(evidence(ended=units(10, 4, 0, explained=0.9))) == ()


def test_units_stuck_from_the_start_matter_even_then() -> None:
    began = units(10, 0, 0)

    (told,) = diagnose(evidence(began=began, ended=units(10, 0, 0, explained=0.99)))

    assert told.startswith("Dead ReLUs, from the start: 10 of 10 units")
    assert told.endswith("Try leaky_relu, or layers that are wider, or fewer.")


def test_units_that_came_to_life_are_no_matter() -> None:
    assert diagnose(evidence(began=units(10, 0, 0), ended=units(5, 0, 0))) == ()


def test_many_layers_are_not_all_told() -> None:
    definition = definition_for("squared_error", hidden=[{"units": 2, "activation": "relu"}] * 8)
    shape = layout(definition.network, 3)
    dead = evidence(definition=definition, shape=shape, began=units(*[0] * 9), ended=units(*[2] * 8, 0))

    (told,) = diagnose(replace(dead, slope=Slope(1.0, (1.0,) * 9)))

    assert "2 of 2 units of layer 5 (relu) and most of 3 more layers answer 0" in told


def slope(share: float, loss: float = 1.4) -> Slope:
    """The first layer has this share of the last's gradient per parameter."""
    return Slope(loss=loss, norms=(share * math.sqrt(40), math.sqrt(44), math.sqrt(10)))


@pytest.mark.parametrize(("share", "faded"), [(0.9 * FADED, 4), (1.1 * FADED, 50), (0.0, 0)])
def test_a_gradient_that_finds_its_way_has_not_vanished(share: float, faded: int) -> None:
    assert diagnose(evidence(slope=slope(share), gradients=Gradients(epochs=50, faded=faded))) == ()


@pytest.mark.parametrize("faded", [5, 50])
def test_a_gradient_that_is_gone_for_a_tenth_of_the_epochs_has(faded: int) -> None:
    (told,) = diagnose(evidence(slope=slope(0.9 * FADED), gradients=Gradients(epochs=50, faded=faded)))

    assert "of layer 1 (relu) is 0.0009 times that of layer 3 (identity), and it was below 0.001 times it" in told
    assert f" in {faded} of 50 epochs; " in told


@pytest.mark.parametrize(("share", "swollen"), [(1.1 * SWOLLEN, 4), (0.9 * SWOLLEN, 50)])
def test_a_gradient_that_calms_down_has_not_exploded(share: float, swollen: int) -> None:
    assert diagnose(evidence(slope=slope(share), gradients=Gradients(epochs=50, swollen=swollen))) == ()


def test_a_run_without_an_epoch_says_nothing_of_its_epochs() -> None:
    assert diagnose(evidence(slope=slope(1e-9), gradients=Gradients())) == ()
    assert diagnose(evidence(slope=slope(1e9), gradients=Gradients())) == ()


def peak(norm: float, loss: float) -> Gradients:
    return Gradients(epochs=50, peak=[1.0, norm, 2.0], peak_epoch=7, peak_loss=loss)


def test_gradients_erupt_by_two_orders_while_the_loss_grows_by_one() -> None:
    start = Slope(loss=1.5, norms=(1.0, 1.5, 2.0))

    (told,) = diagnose(evidence(slope=start, gradients=peak(200.0, 16.6)))

    assert told == (
        "Exploding gradients: their largest norm was 2 with the initial weights and 200 in epoch 7, in layer 2 (tanh); "
        "the loss rose from 1.5 to 16.6. Try a learning rate well below 0.5, or a bound on the gradient "
        "(max_gradient_norm)."
    )
    assert diagnose(evidence(slope=start, gradients=peak(199.0, 16.6))) == ()
    assert diagnose(evidence(slope=start, gradients=peak(200.0, 16.4))) == ()
    assert diagnose(evidence(slope=replace(start, loss=-1.5), gradients=peak(200.0, 13.4))) == ()
    assert diagnose(evidence(slope=Slope(1.5, (0.0, 0.0, 0.0)), gradients=peak(200.0, 16.6))) == ()


def test_a_start_beyond_all_numbers_has_no_norm_to_tell() -> None:
    assert diagnose(evidence(slope=Slope(math.inf, (1.0, 1.0, 1.0)), ended=None)) == ()
    assert diagnose(evidence(slope=Slope(1.0, (math.nan, 1.0, 1.0)), ended=None)) == ()


def test_causes_come_before_what_they_cause() -> None:
    """Each is left out of the evidence as soon as it was told, and the next one is."""
    parts: dict[str, Any] = {
        "began": units(10, 0, 0),
        "ended": units(10, 0, 0),
        "gradients": replace(peak(1e6, 99.0), faded=50, swollen=50),
        "slope": slope(1e-9),
    }
    told = [diagnose(evidence(**parts))]
    for sounder in (
        {"began": units(0, 0, 0)},
        {"gradients": Gradients(epochs=50, faded=50, swollen=50)},
        {"slope": slope(1e9)},
        {"slope": slope(1.0)},
        {"ended": units(0, 0, 0)},
    ):
        parts |= sounder
        told.append(diagnose(evidence(**parts)))

    assert [" ".join(sentences).split(":")[0] for sentences in told] == [
        "Dead ReLUs, from the start",
        "Exploding gradients",
        "Vanishing gradients",
        "Exploding gradients",
        "Dead ReLUs",
        "",
    ]
