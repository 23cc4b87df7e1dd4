"""What is written out is computed anew: every line is arithmetic that comes out."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest

from deltarule.backprop.board import worked
from deltarule.backprop.board.worked import Line, exact
from deltarule.backprop.explanation import explain
from tests.backprop.making import ACTIVATION_NAMES, definition_for, pairs, samples_for

WORDS = {
    **{name: getattr(math, name) for name in ("exp", "tanh", "log", "cosh", "sqrt")},
    **{"max": max, "min": min, "abs": abs},
    "sign": lambda x: (x > 0) - (x < 0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "Phi": lambda z: math.erfc(-z / math.sqrt(2)) / 2,
    "phi": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
}


def value_of(expression: str) -> float:
    python = re.sub(r"\|([^|]*)\|", r"abs(\1)", expression)
    for symbol, word in {"·[": "*(", "]": ")", "·": "*", "²": "**2", "½": "0.5", "√": "sqrt", "σ": "sigmoid"}.items():
        python = python.replace(symbol, word)
    python = python.replace("Φ", "Phi").replace("φ", "phi")
    return float(eval(python, {"__builtins__": {}, **WORDS}))  # noqa: S307 - our own arithmetic


def answer_of(loss: str, *, rows: int = 1, seed: int = 0, **parts: Any) -> dict[str, Any]:  # noqa: ANN401
    samples = samples_for(loss, rows=rows, seed=seed)  # type: ignore[arg-type]
    step = explain(definition_for(loss, **parts), samples.inputs, samples.targets)  # type: ignore[arg-type]
    answer: dict[str, Any] = json.loads(step.model_dump_json())
    return answer


def lines(answer: dict[str, Any], row: int = 0) -> Iterator[Line]:
    for layer, start in enumerate(answer["layers"]):
        for unit in range(start["units"]):
            yield worked.net_input(answer, layer, row, unit)
            yield worked.activation(answer, layer, row, unit)
            yield from worked.delta(answer, layer, row, unit)
            yield from filter(None, (worked.bias_gradient(answer, layer, unit), worked.moved_bias(answer, layer, unit)))
            for source in range(len(start["weights"][unit])):
                yield worked.weight_gradient(answer, layer, unit, source)
                yield worked.moved_weight(answer, layer, unit, source)
    if line := worked.loss(answer, row):
        yield line


def assert_sound(answer: dict[str, Any], row: int = 0) -> None:
    for line in lines(answer, row):
        if "…" not in line.expression:
            assert value_of(line.expression) == pytest.approx(float(line.value), rel=2e-4, abs=1e-5), line


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("seed", range(4))
def test_every_hidden_activation(activation: str, seed: int) -> None:
    hidden = ({"units": 3, "activation": activation}, {"units": 2, "activation": activation})
    assert_sound(answer_of("squared_error", hidden=hidden, seed=seed))


@pytest.mark.parametrize(("loss", "activation"), list(pairs()))
@pytest.mark.parametrize("seed", range(3))
def test_every_loss_after_every_activation(loss: str, activation: str, seed: int) -> None:
    hidden = ({"units": 2, "activation": "tanh"},)
    assert_sound(answer_of(loss, hidden=hidden, output={"activation": activation}, seed=seed))


@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "sgd"},
        {"name": "sgd", "momentum": 0.9},
        {"name": "sgd", "momentum": 0.9, "nesterov": True},
        {"name": "rmsprop"},
        {"name": "adagrad"},
        {"name": "adam"},
        {"name": "adam", "amsgrad": True},
        {"name": "adamw", "weight_decay": 0.5},
        {"name": "nadam"},
    ],
)
def test_every_optimizer(optimizer: dict[str, Any]) -> None:
    assert_sound(answer_of("squared_error", optimizer={"learning_rate": 0.3, **optimizer}))


def test_a_gradient_of_several_rows_is_their_mean() -> None:
    answer = answer_of("squared_error", rows=3)
    assert_sound(answer, row=2)
    for gradient in (worked.weight_gradient(answer, 0), worked.bias_gradient(answer, 0)):
        assert gradient
        assert gradient.expression.endswith(")/3")


def test_the_first_number_of_mazurs_example() -> None:
    layer = {"activation": "sigmoid", "weights": [[0.15, 0.2], [0.25, 0.3]], "biases": [0.35, 0.35]}
    given = definition_for("half_squared_error", hidden=(), output=layer, inputs=2)
    answer = json.loads(explain(given, [[0.05, 0.1]], [[0.01, 0.99]]).model_dump_json())
    assert worked.net_input(answer, 0, 0) == ("z1₁", "0.15·0.05 + 0.20·0.10 + 0.35", "0.3775")


def test_an_argument_is_bracketed_once() -> None:
    layer = {"activation": "tanh", "weights": [[-0.5, 0.0, 0.0]], "biases": [0.0]}
    given = definition_for("squared_error", hidden=(), output=layer, outputs=1)
    answer = json.loads(explain(given, [[1, 1, 1]], [[0]]).model_dump_json())
    assert worked.activation(answer, 0, 0).expression == "tanh(-0.50)"


def test_places_are_indices() -> None:
    assert (worked.lowered(0), worked.lowered(1, 2), worked.lowered(11, 2)) == ("₁", "₂₃", "₁₂,₃")


def test_long_sums_are_written_in_part() -> None:
    assert worked.summed(["1·2", "3·4", "5·6", "7·8", "9·10"]) == "1·2 + 3·4 + 5·6 + … 2 more"


def test_of_a_saturated_output_only_what_is_known_is_written() -> None:
    layer = {"activation": "sigmoid", "weights": [[400.0] * 3]}
    given = definition_for("log_loss", hidden=(), output=layer, outputs=1)
    answer = json.loads(explain(given, [[1, 1, 1]], [[0]]).model_dump_json())
    assert worked.loss(answer, 0) is None
    assert list(worked.delta(answer, 0, 0)) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.10"), (1, "1"), (-2.0, "-2"), (0.3775, "0.3775"), (1e-8, "1e-08"), (0.99999998, "0.99999998")],
)
def test_numbers_keep_what_matters(value: float, text: str) -> None:
    assert exact(value) == text
