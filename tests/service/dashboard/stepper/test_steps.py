import pytest

from service.dashboard.stepper.steps import Step, steps_of
from tests.service.dashboard.stepper.explaining import example, large


def titled(steps: tuple[Step, ...], beginning: str) -> Step:
    return next(step for step in steps if step.title.startswith(beginning))


def told(step: Step) -> list[str]:
    return [f"{line.name} = {line.expression} = {line.value}" for line in step.lines]


def test_every_layer_goes_forward_and_back_and_moves() -> None:
    phases = [step.phase for step in steps_of(example("three layers"))]
    assert phases == [*["forward"] * 6, "loss", *["backward"] * 6, *["update"] * 3, "after"]


def test_the_contracts_first_example_comes_out() -> None:
    steps = steps_of(example("three layers"))
    output = titled(steps, "Forward, layer 3: activations")
    assert output.columns[3]
    assert output.columns[3].values == [pytest.approx(0.6718, abs=5e-5)]
    assert steps[-1].columns[3]
    assert steps[-1].columns[3].values == [pytest.approx(0.7043, abs=5e-5)]


def test_mazurs_example_is_told_with_every_number() -> None:
    steps = steps_of(example("two layers"))
    assert told(titled(steps, "Forward, layer 1: net")) == [
        "z1₁ = 0.15·0.05 + 0.20·0.10 + 0.35 = 0.3775",
        "z1₂ = 0.25·0.05 + 0.30·0.10 + 0.35 = 0.3925",
    ]
    assert titled(steps, "The loss").title == "The loss: 0.298371"
    update = told(titled(steps, "Update, layer 1"))
    assert update[0].startswith("W1₁₁ = 0.15 - 0.50·")
    assert update[0].endswith(" = 0.149781")
    assert len(update) == 6


def test_formulas_stand_in_symbols_too() -> None:
    steps = steps_of(example("two layers"))
    assert titled(steps, "Forward, layer 2: net").formulas == (("z2", "W2·a1 + b2"),)
    assert ("dL/da1", "W2ᵀ·δ2") in titled(steps, "Backward, layer 1: deltas").formulas


def test_numbers_appear_as_they_are_known() -> None:
    steps = steps_of(example("two layers"))
    assert [column.symbol if column else None for column in steps[0].columns] == ["x", "z1", None]
    deltas = titled(steps, "Backward, layer 1: deltas")
    assert [column.symbol if column else None for column in deltas.columns] == ["x", "δ1", "δ2"]


def test_what_a_step_leaves_out_is_counted() -> None:
    steps = steps_of(large(30, 2))
    net_inputs = titled(steps, "Forward, layer 1: net")
    assert (len(net_inputs.lines), net_inputs.folded) == (6, 24)
    gradients = titled(steps, "Backward, layer 1: gradients")
    assert len(gradients.lines) + gradients.folded == 30 * 4


def test_the_gradient_check_is_told() -> None:
    assert "12 gradients agree with central differences" in steps_of(example("two layers"))[-1].words
