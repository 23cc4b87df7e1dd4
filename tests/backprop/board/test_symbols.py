from typing import Any

from deltarule.backprop.board import symbols
from tests.backprop.board.test_worked import answer_of


def two_layers(loss: str = "squared_error", rows: int = 1, **output: Any) -> dict[str, Any]:  # noqa: ANN401
    hidden = ({"units": 2, "activation": "sigmoid"},)
    return answer_of(loss, rows=rows, hidden=hidden, output={"activation": "identity", **output})


def test_the_first_layer_takes_in_the_row() -> None:
    assert symbols.net_inputs(two_layers(), 0) == ("z1", "W1·x + b1")
    assert symbols.net_inputs(two_layers(bias=False), 1) == ("z2", "W2·a1")


def test_a_name_is_told_what_it_stands_for() -> None:
    assert list(symbols.activations(two_layers(), 0))[1] == ("sigmoid(z)", "1 / (1 + exp(-z))")
    assert len(list(symbols.activations(two_layers(activation="tanh"), 1))) == 1


def test_deltas_come_from_the_layer_above_and_the_last_from_the_loss() -> None:
    answer = two_layers()
    assert next(symbols.deltas(answer, 0)) == ("dL/da1", "W2ᵀ·δ2")
    assert next(symbols.deltas(answer, 1)) == ("dL/da2", "2·(o - y)/k")


def test_what_cancels_is_said() -> None:
    _, delta = symbols.deltas(two_layers("cross_entropy", activation="softmax"), 1)
    assert delta[1].endswith("cross_entropy and softmax′ cancel")


def test_gradients_of_several_rows_are_means() -> None:
    assert list(symbols.gradients(two_layers(), 1)) == [("dL/dW2", "δ2·a1ᵀ"), ("dL/db2", "δ2")]
    assert next(symbols.gradients(two_layers(rows=3), 0)) == ("dL/dW1", "mean over the rows of δ1·xᵀ")
