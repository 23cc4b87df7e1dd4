import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from deltarule.backprop.definition import Definition
from deltarule.backprop.explanation import explain
from deltarule.cli.display.explanation import explanation
from service.examples import EXPLANATIONS
from tests.backprop.making import LOSS_NAMES, definition_for, samples_for

STEP: dict[str, Any] = json.loads((Path(__file__).parents[3] / "examples" / "step.json").read_text())
PAPER: dict[str, Any] = EXPLANATIONS["three layers"]["value"]


def answer_of(document: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a document
    whole = {**document, **changes}
    inputs, targets = whole.pop("inputs"), whole.pop("targets")
    given = Definition.model_validate_json(json.dumps(whole)).resolve(len(inputs[0]), len(targets[0]))
    answer: dict[str, Any] = json.loads(explain(given, inputs, targets).model_dump_json())
    return answer


def told(answer: dict[str, Any], row: int = 0, *, width: int = 80, **options: Any) -> str:  # noqa: ANN401
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(explanation(answer, row, **options))
    return capture.get()


def deep(layers: int = 9, rows: int = 3, units: int = 10) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    return answer_of(
        {
            "network": {"layers": [{"units": units, "activation": "sigmoid"}] * layers + [{}]},
            "inputs": generator.standard_normal((rows, 4)).tolist(),
            "targets": np.eye(3)[np.arange(rows) % 3].tolist(),
            "loss": {"name": "cross_entropy"},
            "optimizer": {"name": "adam"},
        }
    )


def test_the_three_steps_come_in_order_and_backward_goes_backward() -> None:
    text = told(answer_of(STEP))
    places = [
        text.index(part) for part in ("Forward", "a1 ", "a2 ", "Backward", "δ2  ", "δ1  ", "Update", "w ← w - η·g")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "line",
    [
        "z1₁        = 0.15·0.05 + 0.20·0.10 + 0.35 = 0.3775",
        "a1₁        = 1 / (1 + exp(-0.3775)) = 0.59327",
        "l = ½·(0.751365 - 0.01)² + ½·(0.772928 - 0.99)² = 0.298371",
        "dL/da1      = W2ᵀ·δ2",
        "δ1          = dL/da1 ⊙ sigmoid′(z1)",
        "sigmoid′(z) = a·(1 - a)",
        "dL/dW1      = δ1·xᵀ",
        "δ1₁         = 0.0363503·0.59327·(1 - 0.59327) = 0.00877135",
        "W1₁₁ = 0.15 - 0.50·0.000438568 = 0.149781",
        "sgd    w ← w - η·g",
        "with   learning rate η = 0.5",
        "1   before   0.3500      0.1500     0.2000",
        "after    0.3456      0.1498     0.1996",
        "1   0.01327              0.09236         0.01335",
        "outputs   0.7514 → 0.7284, 0.7729 → 0.7784",
        "After the step the loss is 0.2805, 0.01790 less.",
        "Checked: of 12 gradients",
    ],
)
def test_mazurs_step_is_written_out(line: str) -> None:
    assert line in told(answer_of(STEP))


def test_the_outputs_of_the_step_without_biases_are_told_before_and_after() -> None:
    text = told(answer_of(PAPER))
    assert "outputs   0.6718 → 0.7043" in text
    assert "z1         = W1·x  " in text
    assert "dL/db1 " not in text
    assert "(o - y)/k: log_loss and sigmoid′ cancel" in text


def test_gradients_of_several_rows_are_told_as_means() -> None:
    batch = {"inputs": [[0.05, 0.1], [7, 8]], "targets": [[0.01, 0.99], [0, 1]]}
    text = told(answer_of(STEP, **batch), row=1)
    assert "row 2 of 2" in text
    assert "inputs    7.000  8.000" in text
    assert "dL/dW2      = mean over the rows of δ2·a1ᵀ" in text
    assert "dL/db2      = mean over the rows of δ2" in text
    assert "L = the mean of l over the 2 rows = " in text


def test_softmax_takes_no_slope_for_each_unit() -> None:
    layers = [{"units": 3, "activation": "softmax"}, {"units": 2, "activation": "softmax"}]
    text = told(answer_of(STEP, network={"layers": layers}))
    assert "a1 ⊙ (g - Σ a1·g), with g = dL/da1" in text
    assert "softmax′(z)" not in text


def test_a_deep_network_shows_how_its_deltas_vanish() -> None:
    answer = deep()
    lines = told(answer).splitlines()
    table = lines[lines.index(next(line for line in lines if "to the layer above" in line)) + 1 :][:10]
    norms = [float(line.split()[1]) for line in table]
    assert [line.split()[0] for line in table] == [str(layer) for layer in range(10, 0, -1)]
    assert norms == sorted(norms, reverse=True)
    ratio = answer["backward"][0]["delta_norm"] / answer["backward"][1]["delta_norm"]
    assert float(table[-1].split()[2]) == pytest.approx(ratio, rel=1e-3)
    assert "… and 2 more units" in told(answer)


def test_a_row_of_a_table_is_told_as_it_was_given() -> None:
    text = told(answer_of(STEP), told="row 5 of penguins.csv", values={"bill": 39.1, "island": "Dream"})
    assert "row 5 of penguins.csv" in text
    assert "bill 39.1, island Dream" in text


def test_a_loss_that_grew_says_why() -> None:
    network = {"layers": [{"weights": [[1]]}]}
    step = {"network": network, "inputs": [[1]], "targets": [[0]], "loss": {"name": "squared_error"}}
    text = told(answer_of({**step, "optimizer": {"name": "sgd", "learning_rate": 10}}))
    assert "more: the step was too long." in text


def test_nothing_that_was_not_checked_looks_checked() -> None:
    network = {"layers": [{"weights": [[1]]}]}
    step = {"network": network, "inputs": [[1]], "targets": [[1]], "loss": {"name": "absolute_error"}}
    assert "Not checked: all 2 parameters sit on a kink" in told(answer_of(step))


def test_a_saturated_output_is_told_without_what_is_not_known() -> None:
    network = {"layers": [{"weights": [[800]]}]}
    text = told(answer_of({"network": network, "inputs": [[1]], "targets": [[0]], "loss": {"name": "log_loss"}}))
    assert "1        –   1.000" in text


@pytest.mark.parametrize("width", [80, 120])
def test_rows_of_tables_are_not_broken(width: int) -> None:
    lines = told(deep(), width=width).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    assert not any(line.strip() == "more" for line in lines)
    assert any(line.rstrip().endswith("the loss") for line in lines if line.startswith("Backward"))


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_every_loss_is_told(loss: str) -> None:
    samples = samples_for(loss, rows=2)  # type: ignore[arg-type]
    step = explain(definition_for(loss), samples.inputs, samples.targets)  # type: ignore[arg-type]
    assert f"{loss}, adam at 0.001" in told(json.loads(step.model_dump_json()), width=120)
