"""One unit of each layer with its numbers in place: what a formula says, done once by hand."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from deltarule.cli.display.formulas import ACTIVATIONS, LOSSES, SHORTER, look_ahead, moved

Document = Mapping[str, Any]
TERMS = 3
"""Terms of a sum that are written out."""


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


def net_input(answer: Document, layer: int, row: int) -> Line:
    """The net input of the layer's first unit."""
    start, below = answer["layers"][layer], _below(answer, layer)[row]
    terms = summed([f"{factor(w)}·{factor(a)}" for w, a in zip(start["weights"][0], below, strict=True)])
    bias = f" + {factor(start['biases'][0])}" if start["biases"] else ""
    return Line(f"z{layer + 1}₁", terms + bias, exact(answer["forward"][layer]["net_inputs"][row][0]))


def activation(answer: Document, layer: int, row: int) -> Line:
    """The activation of the layer's first unit."""
    name, forward = answer["layers"][layer]["activation"], answer["forward"][layer]
    z, a = forward["net_inputs"][row], forward["activations"][row]
    expression = ACTIVATIONS[name].value(z[0]).format(z=factor(z[0]))
    if name == "softmax":
        expression += f" / ({summed([f'exp({exact(other)})' for other in z])})"
    return Line(f"a{layer + 1}₁", BRACKETS.sub(r"\1", expression), exact(a[0]))


def loss(answer: Document, row: int) -> Line | None:
    """The row's loss; None where an output is so saturated that it is only known from the net input."""
    if answer["backward"][-1]["activation_gradients"] is None:
        return None
    formula, outputs, targets = LOSSES[answer["loss_name"]], _outputs(answer)[row], answer["targets"][row]
    terms = [formula.template(o - y).format(o=factor(o), y=factor(y)) for o, y in zip(outputs, targets, strict=True)]
    total = f"({summed(terms)})/{len(terms)}" if formula.is_mean and len(terms) > 1 else summed(terms)
    return Line("l", total, exact(answer["sample_losses"][row]))


def backward(answer: Document, layer: int, row: int) -> Iterator[Line]:
    """How the loss changes with the first unit's activation, net input, first weight."""
    if answer["backward"][layer]["activation_gradients"] is not None:
        yield _by_activation(answer, layer, row)
        yield Line(f"δ{layer + 1}₁", _delta(answer, layer, row), exact(answer["backward"][layer]["deltas"][row][0]))
    yield _gradient(answer, layer)


def update(answer: Document, layer: int) -> Iterator[Line]:
    """The first unit's first weight and bias after the step."""
    start, gradients, after = (answer[part][layer] for part in ("layers", "backward", "update"))
    template, number = moved(answer["optimizer"]), layer + 1
    given = {name: factor(value) for name, value in answer["optimizer"].items() if isinstance(value, int | float)}
    given["rate"] = exact(answer["learning_rate"])
    if answer["optimizer"]["name"] == "nadam":
        given["ahead"] = exact(look_ahead(answer["optimizer"]))
    weight, by_weight = start["weights"][0][0], gradients["weight_gradients"][0][0]
    expression = template.format(**given, w=factor(weight), g=factor(by_weight))
    yield Line(f"W{number}₁₁", expression, exact(after["weights"][0][0]))
    if start["biases"]:
        bias, by_bias = start["biases"][0], gradients["bias_gradients"][0]
        yield Line(
            f"b{number}₁", template.format(**given, w=factor(bias), g=factor(by_bias)), exact(after["biases"][0])
        )


def _by_activation(answer: Document, layer: int, row: int) -> Line:
    value = exact(answer["backward"][layer]["activation_gradients"][row][0])
    if layer + 1 == len(answer["layers"]):
        o, y = _outputs(answer)[row], answer["targets"][row]
        template = LOSSES[answer["loss_name"]].by_output
        if len(o) == 1:
            template = template.removesuffix("/{k}")
        return Line(f"dL/da{layer + 1}₁", template.format(o=factor(o[0]), y=factor(y[0]), k=len(o)), value)
    weights, deltas = answer["layers"][layer + 1]["weights"], answer["backward"][layer + 1]["deltas"][row]
    terms = [f"{factor(unit[0])}·{factor(delta)}" for unit, delta in zip(weights, deltas, strict=True)]
    return Line(f"dL/da{layer + 1}₁", summed(terms), value)


def _delta(answer: Document, layer: int, row: int) -> str:
    name, forward = answer["layers"][layer]["activation"], answer["forward"][layer]
    z, a = forward["net_inputs"][row], forward["activations"][row]
    pair = answer["loss_name"], name
    if layer + 1 == len(answer["layers"]) and pair in SHORTER:
        y = answer["targets"][row]
        template = SHORTER[pair][1].removesuffix("/{k}") if len(a) == 1 else SHORTER[pair][1]
        template = template.replace("·{sum}", "") if math.isclose(sum(y), 1) else template
        return template.format(o=factor(a[0]), y=factor(y[0]), k=len(a), sum=factor(sum(y)))
    g = answer["backward"][layer]["activation_gradients"][row]
    if name == "softmax":
        products = summed([f"{factor(one)}·{factor(by)}" for one, by in zip(a, g, strict=True)])
        return f"{factor(a[0])}·({factor(g[0])} - ({products}))"
    return f"{factor(g[0])}·{ACTIVATIONS[name].factor(z[0]).format(z=factor(z[0]), a=factor(a[0]))}"


def _gradient(answer: Document, layer: int) -> Line:
    """The gradient by the first weight: of the only row, or the mean over all of them."""
    deltas, below = answer["backward"][layer]["deltas"], _below(answer, layer)
    terms = [f"{factor(delta[0])}·{factor(a[0])}" for delta, a in zip(deltas, below, strict=True)]
    expression = f"({summed(terms)})/{len(terms)}" if len(terms) > 1 else terms[0]
    return Line(f"dL/dW{layer + 1}₁₁", expression, exact(answer["backward"][layer]["weight_gradients"][0][0]))


def _below(answer: Document, layer: int) -> Sequence[Sequence[float]]:
    """What the layer takes in, for each row."""
    below: Sequence[Sequence[float]] = answer["forward"][layer - 1]["activations"] if layer else answer["inputs"]
    return below


def _outputs(answer: Document) -> Sequence[Sequence[float]]:
    outputs: Sequence[Sequence[float]] = answer["forward"][-1]["activations"]
    return outputs
