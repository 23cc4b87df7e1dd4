import json
from typing import Any

import pytest

from service.dashboard.stepper.picture import backdrop, middle, overlay, plan_of, short
from service.dashboard.stepper.result import result
from service.dashboard.stepper.steps import steps_of
from tests.service.dashboard.stepper.explaining import example, large

LARGEST = 1_500_000
"""Bytes of all steps, of the deepest network that is explained."""


def classes(shapes: Any) -> list[str]:  # noqa: ANN401 -- shapes are lists within lists
    return [attributes["className"] for _, attributes, _ in shapes]


def test_edges_are_as_wide_as_their_weights_and_tell_their_sign() -> None:
    answer = example("three layers")
    edges = [shape for shape in backdrop(answer, plan_of(answer)) if shape[0] == "path"]
    assert [edge[1]["className"] for edge in edges[:4]] == [
        "weight positive",
        "weight negative",
        *["weight positive"] * 2,
    ]
    widths = [edge[1]["strokeWidth"] for edge in edges[:4]]
    assert sorted(widths, reverse=True) == [widths[3], widths[0], widths[1], widths[2]]


def test_a_large_layer_is_folded() -> None:
    answer = large(30, 2)
    plan = plan_of(answer)
    assert (plan.shown, plan.folded) == ((3, 6, 2), (0, 24, 0))
    assert "+ 24 more" in json.dumps(backdrop(answer, plan))
    assert classes(backdrop(answer, plan)).count("unit") == 11


def test_units_stay_within_the_drawing() -> None:
    answer = large(30, 2)
    plan = plan_of(answer)
    for shape in backdrop(answer, plan):
        if shape[0] == "circle":
            assert 26 <= shape[1]["cx"] <= plan.width - 26
            assert 26 <= shape[1]["cy"] <= plan.height - 26


def test_a_step_shows_its_units_its_edges_and_the_numbers_so_far() -> None:
    answer = example("three layers")
    drawn = overlay(steps_of(answer)[0], plan_of(answer))
    assert classes(drawn).count("unit unit-active") == 2
    assert sum(name.startswith("weight weight-active") for name in classes(drawn)) == 4
    texts = [children[0] for tag, _, children in drawn if tag == "text"]
    assert texts == ["0.7", "−0.6", "0.4", "0.8", "x", "1", "0", "z1", "0.7", "0.4"]


def test_a_symbol_stands_clear_of_the_name_above_and_of_the_unit_below() -> None:
    answer = example("three layers")
    plan = plan_of(answer)
    name = max(attributes["y"] for tag, attributes, _ in backdrop(answer, plan) if tag == "text")
    (symbol, *_) = [each[1]["y"] for each in overlay(steps_of(answer)[0], plan) if each[1]["className"] == "symbol"]
    assert symbol - name > 20
    assert min(each[1]["cy"] - each[1]["r"] for each in backdrop(answer, plan) if each[0] == "circle") - symbol > 10


def test_a_step_is_seen_with_both_ends_of_its_edges() -> None:
    answer = example("three layers")
    plan, (net_inputs, activations, *_) = plan_of(answer), steps_of(answer)
    assert middle(net_inputs, plan) == (plan.x(0) + plan.x(1)) / 2
    assert middle(activations, plan) == plan.x(1)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (1, "1"), (-0.33049, "−0.33"), (1234.5, "1.23e3"), (-1234.5, "−1.2e3"), (2e-7, "2e−7"),
        (-0.001, "−0.001"), (-0.00123, "−0.001"), (-0.0123, "−0.012"), (0.0123, "0.0123"),
    ],
)  # fmt: skip
def test_a_number_fits_into_its_unit(number: float, text: str) -> None:
    assert short(number) == text
    assert len(text) <= 6


@pytest.mark.parametrize("units", [(400, 2), (40, 40, 40, 2), (3,) * 58])
def test_what_is_sent_does_not_grow_with_the_network(units: tuple[int, ...]) -> None:
    answer = large(*units)
    sent = json.dumps(result(answer, "This network").to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert len(sent) < LARGEST
