"""The steps of a step: net inputs, activations, loss, deltas, gradients, update, and what has come of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from deltarule.backprop.board import symbols, worked
from deltarule.backprop.board.formulas import rule
from deltarule.backprop.board.symbols import Formula
from deltarule.backprop.board.worked import Line
from service.dashboard.stepper.folding import cut, most_lines, most_units

Document = Mapping[str, Any]
Phase = Literal["forward", "loss", "backward", "update", "after"]
Vector = Sequence[float]
ROW = 0
"""The row that is followed, of those explained."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of units shows: its symbol, and a number for each unit."""

    symbol: str
    values: Vector


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        phase: what it belongs to.
        title: what happens.
        words: why, in a sentence.
        formulas: in symbols.
        lines: with the numbers in place, for the units that are shown.
        folded: how many lines more there would be.
        columns: what the inputs (0) and each layer show; None: nothing yet.
        active: the column that the step is about.
        edges: the layer whose incoming edges take part, from 0, with a number for each; None: no edge does.
    """

    phase: Phase
    title: str
    words: str
    formulas: tuple[Formula, ...]
    lines: tuple[Line, ...]
    folded: int
    columns: tuple[Column | None, ...]
    active: int
    edges: tuple[int, Sequence[Vector]] | None = None


def steps_of(answer: Document) -> tuple[Step, ...]:
    """Every step of an explanation, for its first row.

    Args:
        answer: an `Explanation` as JSON has it.
    """
    layers = range(len(answer["layers"]))
    parts = (
        chain.from_iterable(_forward(answer, layer) for layer in layers),
        [_loss(answer)],
        chain.from_iterable(_backward(answer, layer) for layer in reversed(layers)),
        (_update(answer, layer) for layer in layers),
        [_after(answer)],
    )
    return tuple(chain.from_iterable(parts))


def _forward(answer: Document, layer: int) -> Iterator[Step]:
    number, below, units = layer + 1, _forward_columns(answer, layer), _units(answer, layer)
    later = (None,) * (len(answer["layers"]) - number)
    forward, name = answer["forward"][layer], answer["layers"][layer]["activation"]
    lines = tuple(worked.net_input(answer, layer, ROW, unit) for unit in units)
    yield Step(
        "forward",
        f"Forward, layer {number}: net inputs z{number}",
        "Each unit adds up what comes in, times its weights"
        + (", and its bias." if answer["layers"][layer]["bias"] else "."),
        (symbols.net_inputs(answer, layer),),
        lines,
        _hidden(answer, layer),
        (*below, Column(f"z{number}", forward["net_inputs"][ROW]), *later),
        number,
        (layer, answer["layers"][layer]["weights"]),
    )
    lines = tuple(worked.activation(answer, layer, ROW, unit) for unit in units)
    yield Step(
        "forward",
        f"Forward, layer {number}: activations a{number}",
        f"The activation {name} turns each net input into what the unit passes on"
        + (": the output." if number == len(answer["layers"]) else "."),
        tuple(symbols.activations(answer, layer)),
        lines,
        _hidden(answer, layer),
        (*below, Column(f"a{number}", forward["activations"][ROW]), *later),
        number,
    )


def _loss(answer: Document) -> Step:
    line, last = worked.loss(answer, ROW), len(answer["layers"])
    targets = ", ".join(worked.exact(y) for y in cut(answer["targets"][ROW], most_units(last))[0])
    return Step(
        "loss",
        f"The loss: {worked.exact(answer['sample_losses'][ROW])}",
        f"{answer['loss_name']} tells how far the outputs are from the targets y = {targets}.",
        (symbols.loss(answer),),
        (line,) if line else (),
        0,
        _forward_columns(answer, last),
        last,
    )


def _backward(answer: Document, layer: int) -> Iterator[Step]:
    number, last, units = layer + 1, len(answer["layers"]), _units(answer, layer)
    columns = (*_forward_columns(answer, layer), *(_delta_column(answer, above) for above in range(layer, last)))
    lines = tuple(line for unit in units for line in worked.delta(answer, layer, ROW, unit))
    yield Step(
        "backward",
        f"Backward, layer {number}: deltas δ{number}",
        "How the loss changes with each output, and from that with its net input."
        if number == last
        else f"What the units above have to answer for comes down along the weights, times the slope of "
        f"{answer['layers'][layer]['activation']}.",
        tuple(symbols.deltas(answer, layer)),
        lines,
        2 * _hidden(answer, layer),
        columns,
        number,
        None if number == last else (number, answer["layers"][number]["weights"]),
    )
    every = list(_gradient_lines(answer, layer))
    lines, folded = cut(every, most_lines(len(answer["layers"])))
    yield Step(
        "backward",
        f"Backward, layer {number}: gradients of weights and biases",
        "A weight's gradient is what came in along it times the delta of its unit.",
        tuple(symbols.gradients(answer, layer)),
        lines,
        folded + _parameters(answer, layer) - len(every),
        columns,
        number,
        (layer, answer["backward"][layer]["weight_gradients"]),
    )


def _update(answer: Document, layer: int) -> Step:
    number, rate, name = layer + 1, answer["learning_rate"], answer["optimizer"]["name"]
    every = list(_moved_lines(answer, layer))
    lines, folded = cut(every, most_lines(len(answer["layers"])))
    deltas = (_delta_column(answer, other) for other in range(len(answer["layers"])))
    return Step(
        "update",
        f"Update, layer {number}: new weights",
        f"Every weight takes a step against its gradient: {name} with the learning rate η = {rate:g}.",
        ((name, rule(answer["optimizer"])),),
        lines,
        folded + _parameters(answer, layer) - len(every),
        (Column("x", answer["inputs"][ROW]), *deltas),
        number,
        (layer, answer["update"][layer]["weights"]),
    )


def _after(answer: Document) -> Step:
    after, last = answer["after"], len(answer["layers"])
    change = answer["loss"] - after["loss"]
    told = "less" if change >= 0 else "more: the step was too long"
    pairs = zip(answer["forward"][-1]["activations"][ROW], after["outputs"][ROW], strict=True)
    moves = [
        Line(f"a{last}{worked.lowered(unit)}", f"{worked.exact(before)} →", worked.exact(now))
        for unit, (before, now) in enumerate(pairs)
    ]
    lines, folded = cut(moves, most_units(last))
    outputs = Column(f"a{last}", after["outputs"][ROW])
    return Step(
        "after",
        f"After the step: the loss is {worked.exact(after['loss'])}",
        f"The same row once more, with the new weights: the loss is {worked.exact(abs(change))} {told}. "
        + checked(answer),
        (),
        lines,
        folded,
        (Column("x", answer["inputs"][ROW]), *(None,) * (last - 1), outputs),
        last,
    )


def checked(answer: Document) -> str:
    """What the gradient check has found."""
    kinks = answer["gradients_at_kinks"]
    if answer["gradient_check"] is None:
        return f"No gradient could be checked: all {kinks} parameters sit on a kink of the loss."
    left_out = f" ({kinks} more sit on a kink of the loss)" if kinks else ""
    return (
        f"Gradient check: {answer['gradients_checked']} gradients agree with central differences{left_out}; "
        f"the largest relative difference is {answer['gradient_check']:.2g}."
    )


def _gradient_lines(answer: Document, layer: int) -> Iterator[Line]:
    for unit in _units(answer, layer):
        yield from (worked.weight_gradient(answer, layer, unit, source) for source in _sources(answer, layer))
        if bias := worked.bias_gradient(answer, layer, unit):
            yield bias


def _moved_lines(answer: Document, layer: int) -> Iterator[Line]:
    for unit in _units(answer, layer):
        yield from (worked.moved_weight(answer, layer, unit, source) for source in _sources(answer, layer))
        if bias := worked.moved_bias(answer, layer, unit):
            yield bias


def _forward_columns(answer: Document, layers: int) -> tuple[Column, ...]:
    """The inputs, and the activations of so many layers."""
    done = enumerate(answer["forward"][:layers], 1)
    activations = (Column(f"a{number}", forward["activations"][ROW]) for number, forward in done)
    return (Column("x", answer["inputs"][ROW]), *activations)


def _delta_column(answer: Document, layer: int) -> Column:
    return Column(f"δ{layer + 1}", answer["backward"][layer]["deltas"][ROW])


def _units(answer: Document, layer: int) -> range:
    """The units of a layer that are shown."""
    shown, _ = cut(range(answer["layers"][layer]["units"]), most_units(len(answer["layers"])))
    return range(len(shown))


def _sources(answer: Document, layer: int) -> range:
    width = len(answer["layers"][layer]["weights"][0])
    return range(len(cut(range(width), most_units(len(answer["layers"])))[0]))


def _hidden(answer: Document, layer: int) -> int:
    return int(answer["layers"][layer]["units"]) - len(_units(answer, layer))


def _parameters(answer: Document, layer: int) -> int:
    start = answer["layers"][layer]
    return int(start["units"]) * (len(start["weights"][0]) + bool(start["bias"]))
