"""Forward, backward, update: the same three steps for every layer, each beside its formula."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from deltarule.cli.display.tables import plain_table
from deltarule.cli.display.words import layers, number

Document = Mapping[str, Any]
LARGEST = 8
"""Units and inputs that a table shows; `--json` has all of them."""
WIDTH = 9
"""Characters of a number in a row of them, so that the columns of a matrix stand below each other."""
LISTS = frozenset({"dL/dW", "weights", "before"})
"""Columns with several numbers in a cell."""


def explanation(asked: Document, answer: Document, row: int) -> RenderableType:
    """The whole step, for one row of the batch."""
    described: Sequence[Document] = asked["network"].get("layers") or ({},) * len(answer["forward"])
    return Group(
        *_beginning(asked, row),
        *_forward(described, answer, row),
        *_backward(described, answer, row),
        *_update(described, answer),
        *_ending(answer),
    )


def _beginning(asked: Document, row: int) -> Iterator[RenderableType]:
    names = [layers(asked["network"]), str((asked.get("loss") or {}).get("name") or "")]
    yield Text("One step of backpropagation", "bold")
    yield Text(f"{', '.join(name for name in names if name)}; row {row + 1} of {len(asked['inputs'])}")
    yield Text(f"inputs {_numbers(asked['inputs'][row])}   targets {_numbers(asked['targets'][row])}\n")


def _forward(described: Sequence[Document], answer: Document, row: int) -> Iterator[RenderableType]:
    yield _heading("Forward", "the inputs become outputs, layer by layer")
    for index, (layer, forward) in enumerate(zip(described, answer["forward"], strict=False)):
        before = "x" if index == 0 else f"a{index}"
        activation, bias = layer.get("activation") or "f", " + b" if layer.get("bias", True) else ""
        yield Text(f"Layer {index + 1}   z{index + 1} = W·{before}{bias}   a{index + 1} = {activation}(z{index + 1})")
        yield _table(("unit", "z", "a"), _units(forward["net_inputs"][row], forward["activations"][row]))
    yield Text.assemble("The loss, how wrong the outputs are: ", (number(answer["loss"]), "bold"), "\n")


def _backward(described: Sequence[Document], answer: Document, row: int) -> Iterator[RenderableType]:
    yield _heading("Backward", "how fast the loss grows with each number, from the last layer to the first")
    for index in reversed(range(len(answer["backward"]))):
        backward, last = answer["backward"][index], index == len(answer["backward"]) - 1
        activation = (described[index] if index < len(described) else {}).get("activation") or "f"
        source = f"dL/da{index + 1}" if last else f"Wᵀ·delta{index + 2}"
        before = "x" if index == 0 else f"a{index}"
        delta = f"delta{index + 1}"
        yield Text(f"Layer {index + 1}   {delta} = {source} · {activation}′(z{index + 1})   dL/dW = {delta}·{before}ᵀ")
        yield _table(("unit", "delta", "dL/db", "dL/dW"), _blame(backward, row))


def _update(described: Sequence[Document], answer: Document) -> Iterator[RenderableType]:
    yield _heading("Update", "every weight takes a step against its gradient")
    for index, update in enumerate(answer["update"]):
        before = (described[index] if index < len(described) else {}).get("weights")
        yield Text(f"Layer {index + 1}")
        yield _table(("unit", "bias", "weights", *(("before",) if before else ())), _changes(update, before))


def _ending(answer: Document) -> Iterator[RenderableType]:
    after = answer["after"]["loss"]
    less = answer["loss"] - after
    change = f"{number(abs(less))} {'less' if less >= 0 else 'more: the step was too long'}"
    yield Text.assemble("After the step the loss is ", (number(after), "bold"), f", {change}.")
    if isinstance(check := answer.get("gradient_check"), int | float):
        yield Text(f"Checked: the gradients differ from central differences by {number(check)} at most.", "dim")


def _blame(backward: Document, row: int) -> Iterator[tuple[str, ...]]:
    biases = backward.get("bias_gradients") or ()
    for unit, (delta, weights) in enumerate(zip(backward["deltas"][row], backward["weight_gradients"], strict=True)):
        yield str(unit + 1), number(delta), number(biases[unit]) if biases else "–", _numbers(weights, WIDTH)


def _changes(update: Document, before: Sequence[Sequence[float]] | None) -> Iterator[tuple[str, ...]]:
    biases = update.get("biases") or ()
    for unit, weights in enumerate(update["weights"]):
        bias = number(biases[unit]) if biases else "–"
        yield str(unit + 1), bias, _numbers(weights, WIDTH), *((_numbers(before[unit], WIDTH),) if before else ())


def _units(*columns: Sequence[float]) -> Iterator[tuple[str, ...]]:
    for unit, values in enumerate(zip(*columns, strict=True)):
        yield str(unit + 1), *(number(value) for value in values)


def _table(columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> RenderableType:
    listed = list(rows)
    table = plain_table(columns, listed[:LARGEST], set(columns) - LISTS)
    more = [Text(f"… and {len(listed) - LARGEST} more units", "dim")] if len(listed) > LARGEST else []
    return Padding(Group(table, *more), (0, 0, 1, 2), expand=False)


def _numbers(values: Sequence[float], width: int = 0) -> str:
    shown = "  ".join(f"{number(value):>{width}}" for value in values[:LARGEST])
    return f"{shown}  … {len(values) - LARGEST} more" if len(values) > LARGEST else shown


def _heading(word: str, sentence: str) -> Text:
    return Text.assemble((word, "bold bright_blue"), f"   {sentence}\n")
