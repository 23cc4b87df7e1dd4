"""One unit of a layer with its numbers in place: what a formula says, done once by hand. All is counted from 0."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from deltarule.backprop.board.formulas import ACTIVATIONS, LOSSES, SHORTER, look_ahead, moved

Document = Mapping[str, Any]
TERMS = 3
"""Terms of a sum that are written out."""
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
BRACKETS = re.compile(r"\((\(-[^()]*\))\)")
"""A negative number that is bracketed twice, as the argument of a function."""


class Line(NamedTuple):
    """`name = expression = value`."""

    name: str
    expression: str
    value: str


def exact(value: float) -> str:
    """Six significant digits, more where a number close to 1 would become 1; at least two decimals if any."""
    distance = 1 - abs(value)
    digits = 6 + (math.floor(-math.log10(distance)) if 0 < distance < 0.01 else 0)  # noqa: PLR2004 - close to 1
    text = f"{value:.{min(digits, 17)}g}"
    whole, point, decimals = text.partition(".")
    return f"{whole}.{decimals}0" if point and len(decimals) == 1 and "e" not in text else text


def factor(value: float) -> str:
    """A number within a formula: a negative one in brackets."""
    return f"({exact(value)})" if value < 0 else exact(value)


def summed(terms: Sequence[str]) -> str:
    """A sum, with no more than its first terms written out."""
    rest = len(terms) - TERMS
    return " + ".join(terms[:TERMS]) + (f" + … {rest} more" if rest > 0 else "")


def lowered(*places: int) -> str:
    """Places counted from 0 as indices counted from 1; a comma parts those that have several digits."""
    indices = [str(place + 1) for place in places]
    return ("" if all(len(index) == 1 for index in indices) else ",").join(indices).translate(LOWERED)


def net_input(answer: Document, layer: int, row: int, unit: int = 0) -> Line:
    """The net input of a unit."""
    start, below = answer["layers"][layer], _below(answer, layer)[row]
    terms = summed([f"{factor(w)}·{factor(a)}" for w, a in zip(start["weights"][unit], below, strict=True)])
    bias = f" + {factor(start['biases'][unit])}" if start["biases"] else ""
    value = exact(answer["forward"][layer]["net_inputs"][row][unit])
    return Line(f"z{layer + 1}{lowered(unit)}", terms + bias, value)


def activation(answer: Document, layer: int, row: int, unit: int = 0) -> Line:
    """The activation of a unit."""
    name, forward = answer["layers"][layer]["activation"], answer["forward"][layer]
    z, a = forward["net_inputs"][row], forward["activations"][row]
    expression = ACTIVATIONS[name].value(z[unit]).format(z=factor(z[unit]))
    if name == "softmax":
        expression += f" / ({summed([f'exp({exact(other)})' for other in z])})"
    return Line(f"a{layer + 1}{lowered(unit)}", BRACKETS.sub(r"\1", expression), exact(a[unit]))


def loss(answer: Document, row: int) -> Line | None:
    """The row's loss; None where an output is so saturated that it is only known from the net input."""
    if answer["backward"][-1]["activation_gradients"] is None:
        return None
    formula, outputs, targets = LOSSES[answer["loss_name"]], _outputs(answer)[row], answer["targets"][row]
    terms = [formula.template(o - y).format(o=factor(o), y=factor(y)) for o, y in zip(outputs, targets, strict=True)]
    total = f"({summed(terms)})/{len(terms)}" if formula.is_mean and len(terms) > 1 else summed(terms)
    return Line("l", total, exact(answer["sample_losses"][row]))


def delta(answer: Document, layer: int, row: int, unit: int = 0) -> Iterator[Line]:
    """How the loss changes with a unit's activation and net input; nothing where a saturated output hides that."""
    if answer["backward"][layer]["activation_gradients"] is not None:
        yield _by_activation(answer, layer, row, unit)
        value = exact(answer["backward"][layer]["deltas"][row][unit])
        yield Line(f"δ{layer + 1}{lowered(unit)}", _delta(answer, layer, row, unit), value)


def weight_gradient(answer: Document, layer: int, unit: int = 0, source: int = 0) -> Line:
    """The gradient by the weight from a source to a unit: of the only row, or the mean over all of them."""
    deltas, below = answer["backward"][layer]["deltas"], _below(answer, layer)
    terms = [f"{factor(row[unit])}·{factor(a[source])}" for row, a in zip(deltas, below, strict=True)]
    value = exact(answer["backward"][layer]["weight_gradients"][unit][source])
    return Line(f"dL/dW{layer + 1}{lowered(unit, source)}", _mean(terms), value)


def bias_gradient(answer: Document, layer: int, unit: int = 0) -> Line | None:
    """The gradient by a unit's bias; None where it has none."""
    gradients = answer["backward"][layer]["bias_gradients"]
    if gradients is None:
        return None
    terms = [factor(row[unit]) for row in answer["backward"][layer]["deltas"]]
    return Line(f"dL/db{layer + 1}{lowered(unit)}", _mean(terms), exact(gradients[unit]))


def moved_weight(answer: Document, layer: int, unit: int = 0, source: int = 0) -> Line:
    """The weight from a source to a unit, after the step."""
    start, gradients, after = (answer[part][layer] for part in ("layers", "backward", "update"))
    weight, gradient = start["weights"][unit][source], gradients["weight_gradients"][unit][source]
    value = exact(after["weights"][unit][source])
    return Line(f"W{layer + 1}{lowered(unit, source)}", _moved(answer, weight, gradient), value)


def moved_bias(answer: Document, layer: int, unit: int = 0) -> Line | None:
    """The bias of a unit, after the step; None where it has none."""
    start, gradients, after = (answer[part][layer] for part in ("layers", "backward", "update"))
    if not start["biases"]:
        return None
    moving = _moved(answer, start["biases"][unit], gradients["bias_gradients"][unit])
    return Line(f"b{layer + 1}{lowered(unit)}", moving, exact(after["biases"][unit]))


def _moved(answer: Document, parameter: float, gradient: float) -> str:
    optimizer = answer["optimizer"]
    given = {name: factor(value) for name, value in optimizer.items() if isinstance(value, int | float)}
    given["rate"] = exact(answer["learning_rate"])
    if optimizer["name"] == "nadam":
        given["ahead"] = exact(look_ahead(optimizer))
    return moved(optimizer).format(**given, w=factor(parameter), g=factor(gradient))


def _mean(terms: Sequence[str]) -> str:
    return f"({summed(terms)})/{len(terms)}" if len(terms) > 1 else terms[0]


def _by_activation(answer: Document, layer: int, row: int, unit: int) -> Line:
    name, value = f"dL/da{layer + 1}{lowered(unit)}", answer["backward"][layer]["activation_gradients"][row][unit]
    if layer + 1 == len(answer["layers"]):
        o, y = _outputs(answer)[row], answer["targets"][row]
        template = LOSSES[answer["loss_name"]].by_output
        if len(o) == 1:
            template = template.removesuffix("/{k}")
        return Line(name, template.format(o=factor(o[unit]), y=factor(y[unit]), k=len(o)), exact(value))
    weights, deltas = answer["layers"][layer + 1]["weights"], answer["backward"][layer + 1]["deltas"][row]
    terms = [f"{factor(above[unit])}·{factor(delta)}" for above, delta in zip(weights, deltas, strict=True)]
    return Line(name, summed(terms), exact(value))


def _delta(answer: Document, layer: int, row: int, unit: int) -> str:
    name, forward = answer["layers"][layer]["activation"], answer["forward"][layer]
    z, a = forward["net_inputs"][row], forward["activations"][row]
    pair = answer["loss_name"], name
    if layer + 1 == len(answer["layers"]) and pair in SHORTER:
        y = answer["targets"][row]
        template = SHORTER[pair][1].removesuffix("/{k}") if len(a) == 1 else SHORTER[pair][1]
        template = template.replace("·{sum}", "") if math.isclose(sum(y), 1) else template
        return template.format(o=factor(a[unit]), y=factor(y[unit]), k=len(a), sum=factor(sum(y)))
    g = answer["backward"][layer]["activation_gradients"][row]
    if name == "softmax":
        products = summed([f"{factor(one)}·{factor(by)}" for one, by in zip(a, g, strict=True)])
        return f"{factor(a[unit])}·({factor(g[unit])} - ({products}))"
    return f"{factor(g[unit])}·{ACTIVATIONS[name].factor(z[unit]).format(z=factor(z[unit]), a=factor(a[unit]))}"


def _below(answer: Document, layer: int) -> Sequence[Sequence[float]]:
    """What the layer takes in, for each row."""
    below: Sequence[Sequence[float]] = answer["forward"][layer - 1]["activations"] if layer else answer["inputs"]
    return below


def _outputs(answer: Document) -> Sequence[Sequence[float]]:
    outputs: Sequence[Sequence[float]] = answer["forward"][-1]["activations"]
    return outputs
