from typing import Any

from rich.console import Console

from deltarule.cli.display.explanation import explanation

ASKED: dict[str, Any] = {
    "network": {
        "layers": [
            {"units": 2, "activation": "sigmoid", "weights": [[0.15, 0.20], [0.25, 0.30]]},
            {"units": 1, "activation": "identity", "bias": False, "weights": [[0.4, 0.45]]},
        ]
    },
    "inputs": [[0.05, 0.10], [7.0, 8.0]],
    "targets": [[0.01], [9.0]],
    "loss": {"name": "half_squared_error"},
}
ANSWER: dict[str, Any] = {
    "forward": [
        {"net_inputs": [[0.3775, 0.3925], [1, 2]], "activations": [[0.5933, 0.5969], [3, 4]]},
        {"net_inputs": [[1.1059], [5]], "activations": [[0.7514], [6]]},
    ],
    "loss": 0.2984,
    "backward": [
        {
            "deltas": [[0.0087, 0.0099], [1, 2]],
            "weight_gradients": [[0.0004, 0.0009], [0.0005, 0.001]],
            "bias_gradients": [0.0087, 0.0099],
            "gradient_norm": 0.01,
        },
        {
            "deltas": [[0.1385], [3]],
            "weight_gradients": [[0.0822, 0.0827]],
            "bias_gradients": None,
            "gradient_norm": 0.1,
        },
    ],
    "update": [
        {"weights": [[0.1498, 0.1996], [0.2498, 0.2995]], "biases": [0.3456, 0.3450]},
        {"weights": [[0.3589, 0.4087]], "biases": None},
    ],
    "after": {"outputs": [[0.7], [0.8]], "loss": 0.2911},
    "gradient_check": 1.2e-10,
}


def told(answer: dict[str, Any] = ANSWER, row: int = 0, asked: dict[str, Any] = ASKED) -> str:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(explanation(asked, answer, row))
    return capture.get()


def test_the_three_steps_come_in_order_and_backward_goes_backward() -> None:
    text = told()
    forward, backward, update = (text.index(word) for word in ("Forward", "Backward", "Update"))
    assert forward < backward < update
    assert text.index("z1 = W·x + b   a1 = sigmoid(z1)") < text.index("z2 = W·a1   a2 = identity(z2)")
    assert text.index("delta2 = dL/da2 · identity′(z2)") < text.index("delta1 = Wᵀ·delta2 · sigmoid′(z1)")


def test_every_number_of_the_row_is_told() -> None:
    words = told().split()
    for value in (
        "0.3775",
        "0.5933",
        "1.106",
        "0.7514",
        "0.1385",
        "0.08220",
        "0.0004000",
        "0.008700",
        "0.2984",
    ):
        assert value in words
    assert "   0.3589     0.4087      0.4000     0.4500" in told()
    assert "After the step the loss is 0.2911, 0.007300 less." in told()
    assert "central differences by 1.200e-10" in told()


def test_another_row_may_be_followed() -> None:
    assert "row 2 of 2" in told(row=1)
    assert "inputs 7.000  8.000   targets 9.000" in told(row=1)


def test_a_loss_that_grew_says_why() -> None:
    assert "0.1000 more: the step was too long." in told({**ANSWER, "after": {"loss": 0.3984}})


def test_a_wide_layer_is_shown_in_part() -> None:
    wide = {"net_inputs": [[0.0] * 20], "activations": [[0.0] * 20]}
    assert "… and 12 more units" in told({**ANSWER, "forward": [wide], "backward": [], "update": []})


def test_it_fits_eighty_columns() -> None:
    assert all(len(line) <= 80 for line in told().splitlines())
