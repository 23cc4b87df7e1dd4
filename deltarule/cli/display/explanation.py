"""Forward, backward, update: for every layer its formula, then the first unit's numbers in place, then all units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from deltarule.backprop.board import symbols, worked
from deltarule.backprop.board.formulas import rule
from deltarule.backprop.board.worked import Line
from deltarule.cli.display.tables import facts, plain_table
from deltarule.cli.display.words import layers, number

Document = Mapping[str, Any]
UNITS = 8
"""Units that a table shows; `--json` has all of them."""
NUMBERS = 4
"""Numbers of a row that a table shows."""
WIDTH = 9
"""Characters of a number in a row of them, so that the columns of a matrix stand below each other."""
NAMED = frozenset({"name", "learning_rate"})
"""What is told of an optimizer before its other settings."""
LEFT = frozenset({"", "dL/dW", "weights"})
"""Columns of words, or with several numbers in a cell."""


def explanation(answer: Document, row: int, told: str | None = None, values: Document | None = None) -> RenderableType:
    """The whole step, for one row of the batch.

    Args:
        answer: as the service gives it.
        row: which of the batch's, from 0.
        told: what the row is called; else its number.
        values: the row by column name, where it went through a model's encoding.
    """
    return Group(
        *_beginning(answer, row, told or f"row {row + 1} of {len(answer['inputs'])}", values),
        *_forward(answer, row),
        *_backward(answer, row),
        *_update(answer),
        *_ending(answer, row),
    )


def _beginning(answer: Document, row: int, told: str, values: Document | None) -> Iterator[RenderableType]:
    optimizer = f"{answer['optimizer']['name']} at {answer['learning_rate']:g}"
    shown = [("row", ", ".join(f"{name} {_value(value)}" for name, value in values.items()))] if values else []
    yield Text("One step of backpropagation", "bold")
    yield Text(f"{layers(answer)}, {answer['loss_name']}, {optimizer}; {told}")
    yield facts([*shown, ("inputs", _numbers(answer["inputs"][row])), ("targets", _numbers(answer["targets"][row]))])
    yield Text("· multiplies matrices, ⊙ element with element; a1₂ is the second number of a1.\n", "dim")


def _forward(answer: Document, row: int) -> Iterator[RenderableType]:
    yield _heading("Forward", "the inputs become outputs, layer by layer")
    for index, forward in enumerate(answer["forward"]):
        yield _layer(index + 1)
        yield _formulas(
            [symbols.net_inputs(answer, index), *symbols.activations(answer, index)],
            [worked.net_input(answer, index, row), worked.activation(answer, index, row)],
        )
        yield _table(("unit", "z", "a"), _units(forward["net_inputs"][row], forward["activations"][row]))
    yield from _loss(answer, row)


def _loss(answer: Document, row: int) -> Iterator[RenderableType]:
    line, rows = worked.loss(answer, row), len(answer["inputs"])
    mean = [(Line("L", f"the mean of l over the {rows} rows", worked.exact(answer["loss"])))] if rows > 1 else []
    yield Text.assemble("The loss, how wrong the outputs are: ", (number(answer["loss"]), "bold"))
    yield _formulas([symbols.loss(answer)], [*([line] if line else []), *mean])


def _backward(answer: Document, row: int) -> Iterator[RenderableType]:
    yield _heading("Backward", "from the last layer to the first: what raises the loss")
    if (rows := len(answer["inputs"])) > 1:
        yield Text(f"dL/da and δ are of this row's own loss, dL/dW and dL/db means over the {rows} rows.\n", "dim")
    for index in reversed(range(len(answer["backward"]))):
        backward = answer["backward"][index]
        by_activation = (backward["activation_gradients"] or {row: [None] * len(backward["deltas"][row])})[row]
        yield _layer(index + 1)
        yield _formulas(
            [*symbols.deltas(answer, index), *symbols.gradients(answer, index)],
            [*worked.delta(answer, index, row), worked.weight_gradient(answer, index)],
        )
        yield _table(
            ("unit", f"dL/da{index + 1}", f"δ{index + 1}", "dL/db", "dL/dW"), _blame(backward, row, by_activation)
        )
    yield from _vanishing(answer)


def _vanishing(answer: Document) -> Iterator[RenderableType]:
    """How large the deltas are from layer to layer, where vanishing and exploding show."""
    rows: list[tuple[str, ...]] = []
    above: float | None = None
    for index in reversed(range(len(answer["backward"]))):
        norm, gradient = (answer["backward"][index][name] for name in ("delta_norm", "gradient_norm"))
        ratio = number(norm / above) if above else "–"
        rows.append((str(index + 1), number(norm), ratio, number(gradient)))
        above = norm
    yield Text("How much of δ is left from layer to layer:")
    columns = ("layer", "‖δ‖", "to the layer above", "gradient norm")
    yield Padding(plain_table(columns, rows, columns), (0, 0, 1, 2), expand=False)


def _update(answer: Document) -> Iterator[RenderableType]:
    yield _heading("Update", "every weight takes a step against its gradient")
    optimizer, rate = answer["optimizer"], answer["learning_rate"]
    others = "".join(
        f", {name} {value if value is not True else 'on'}"
        for name, value in optimizer.items()
        if value and name not in NAMED
    )
    yield facts([(optimizer["name"], rule(optimizer)), ("with", f"learning rate η = {rate:g}{others}")])
    for index, (start, update) in enumerate(zip(answer["layers"], answer["update"], strict=True)):
        yield _layer(index + 1)
        yield _formulas([], list(_moves(answer, index)))
        yield _table(("unit", "", "bias", "weights"), _changes(start, update), lines=2)


def _moves(answer: Document, index: int) -> Iterator[Line]:
    yield worked.moved_weight(answer, index)
    if bias := worked.moved_bias(answer, index):
        yield bias


def _ending(answer: Document, row: int) -> Iterator[RenderableType]:
    after = answer["after"]["loss"]
    less = answer["loss"] - after
    change = f"{number(abs(less))} {'less' if less >= 0 else 'more: the step was too long'}"
    yield Text.assemble("After the step the loss is ", (number(after), "bold"), f", {change}.")
    pairs = zip(answer["forward"][-1]["activations"][row], answer["after"]["outputs"][row], strict=True)
    listed = [f"{number(before)} → {number(now)}" for before, now in pairs]
    yield facts([("outputs", _shortened(listed, UNITS, ", "))])
    yield Text(_checked(answer), "dim")


def _checked(answer: Document) -> str:
    kinks = answer["gradients_at_kinks"]
    if answer["gradient_check"] is None:
        return f"Not checked: all {kinks} parameters sit on a kink of the loss, where it has no derivative."
    left_out = f" ({kinks} more at kinks)" if kinks else ""
    return (
        f"Checked: of {answer['gradients_checked']} gradients{left_out} and their central differences, "
        f"the largest relative difference is {number(answer['gradient_check'])}."
    )


def _value(value: object) -> str:
    return "missing" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _blame(backward: Document, row: int, by_activation: Sequence[float | None]) -> Iterator[tuple[str, ...]]:
    biases = backward["bias_gradients"] or (None,) * len(backward["weight_gradients"])
    parts = zip(by_activation, backward["deltas"][row], biases, backward["weight_gradients"], strict=True)
    for unit, (activation, delta, bias, weights) in enumerate(parts):
        yield str(unit + 1), number(activation), number(delta), number(bias), _numbers(weights, WIDTH, NUMBERS - 1)


def _changes(start: Document, update: Document) -> Iterator[tuple[str, ...]]:
    for unit in range(len(start["weights"])):
        for name, layer in (("before", start), ("after", update)):
            bias = number(layer["biases"][unit]) if layer["biases"] else "–"
            yield str(unit + 1) if layer is start else "", name, bias, _numbers(layer["weights"][unit], WIDTH, NUMBERS)


def _units(*columns: Sequence[float]) -> Iterator[tuple[str, ...]]:
    for unit, values in enumerate(zip(*columns, strict=True)):
        yield str(unit + 1), *(number(value) for value in values)


def _formulas(formulas: Sequence[tuple[str, str]], lines: Iterable[Line]) -> RenderableType:
    """Formulas and, below them, numbers in place: what is too long goes on below its own equals sign."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, formula in formulas:
        grid.add_row(Text(name, "cyan"), "=", Text(formula, "cyan"))
    for line in lines:
        grid.add_row(
            line.name, "=", f"{line.expression} = {line.value}" if line.expression != line.value else line.value
        )
    return Padding(grid, (0, 0, 1, 2), expand=False)


def _table(columns: Sequence[str], rows: Iterator[tuple[str, ...]], lines: int = 1) -> RenderableType:
    listed = list(rows)
    table = plain_table(columns, listed[: UNITS * lines], set(columns) - LEFT)
    rest = len(listed) // lines - UNITS
    more = [Text(f"… and {rest} more units", "dim")] if rest > 0 else []
    return Padding(Group(table, *more), (0, 0, 1, 2), expand=False)


def _numbers(values: Sequence[float], width: int = 0, most: int = UNITS) -> str:
    return _shortened([f"{number(value):>{width}}" for value in values], most, "  ")


def _shortened(parts: Sequence[str], most: int, between: str) -> str:
    if len(parts) <= most:
        return between.join(parts)
    return between.join([*parts[: most - 1], f"… {len(parts) - most + 1} more"])


def _layer(number: int) -> Text:
    return Text(f"Layer {number}", "bold")


def _heading(word: str, sentence: str) -> Text:
    return Text.assemble((word, "bold bright_blue"), f"   {sentence}\n")
