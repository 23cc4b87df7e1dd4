"""The network drawn: edges as wide as their weights, blue and whole if positive, orange and dashed if negative."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.dashboard.components import Shape, shape
from service.dashboard.stepper.folding import cut, most_units, near
from service.dashboard.stepper.steps import Step

Document = Mapping[str, Any]
ACROSS, DOWN, RADIUS = 160, 64, 28
LEFT, TOP, BOTTOM = 60, 68, 4
THINNEST, THICKEST = 0.8, 5.0
MOST_CHARACTERS = 6
"""Of a number in a unit, with its sign."""
TINY = 1e-3
"""Below it, zeros would take the room of digits."""
MOST_EDGE_NUMBERS = 12
"""Edges whose numbers are written beside them; more would cover each other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the units stand: how many of each column are shown, how many are folded, and the size of the whole."""

    shown: tuple[int, ...]
    folded: tuple[int, ...]
    width: int
    height: int

    def x(self, column: int) -> int:
        """The middle of a column."""
        return LEFT + ACROSS * column

    def y(self, column: int, unit: int) -> float:
        """The middle of a unit; those of a column stand around the middle of the drawing."""
        middle = TOP + (self.height - TOP - BOTTOM) / 2
        slots = self.shown[column] + bool(self.folded[column])
        return middle + DOWN * (unit - (slots - 1) / 2)


def plan_of(answer: Document) -> Plan:
    """The plan of an explained network."""
    sizes = [len(answer["inputs"][0]), *(layer["units"] for layer in answer["layers"])]
    most = most_units(len(answer["layers"]))
    pairs = [(len(shown), folded) for shown, folded in (cut(range(size), most) for size in sizes)]
    slots = max(shown + bool(folded) for shown, folded in pairs)
    shown, folded = zip(*pairs, strict=True)
    return Plan(shown, folded, 2 * LEFT + ACROSS * (len(sizes) - 1), TOP + DOWN * slots + BOTTOM)


def backdrop(answer: Document, plan: Plan) -> list[Shape]:
    """What stays through all steps: edges, units, and what the columns are."""
    drawn: list[Shape] = []
    for layer, start in enumerate(answer["layers"]):
        drawn.extend(_edges(plan, layer, start["weights"], "weight"))
    for column, count in enumerate(plan.shown):
        drawn.extend(_circle(plan, column, unit, "unit") for unit in range(count))
        drawn.extend(_captions(answer, plan, column))
    return drawn


def overlay(step: Step, plan: Plan) -> list[Shape]:
    """What one step adds: the edges and units that take part, and the numbers so far."""
    drawn: list[Shape] = []
    if step.edges:
        layer, numbers = step.edges
        drawn.extend(_edges(plan, layer, numbers, "weight weight-active"))
        drawn.extend(_edge_numbers(plan, layer, numbers))
    drawn.extend(_circle(plan, step.active, unit, "unit unit-active") for unit in range(plan.shown[step.active]))
    for number, column in enumerate(step.columns):
        if column is not None and abs(number - step.active) <= near(len(step.columns) - 1):
            drawn.append(_text(plan.x(number), TOP - 9, column.symbol, "symbol"))
            drawn.extend(
                _text(plan.x(number), plan.y(number, unit) + 4, short(column.values[unit]), "value")
                for unit in range(plan.shown[number])
            )
    return drawn


def middle(step: Step, plan: Plan) -> float:
    """What has to be seen of a step where there is no room for the whole: between its edges' ends, else its column."""
    if step.edges is None:
        return plan.x(step.active)
    layer, _ = step.edges
    return (plan.x(layer) + plan.x(layer + 1)) / 2


def short(number: float) -> str:
    """A number that fits into a unit: three digits, or as many of them as there is room for."""
    written = (_rounded(number, digits) for digits in (3, 2, 1))
    return next((text for text in written if len(text) <= MOST_CHARACTERS), _rounded(number, 1))


def _rounded(number: float, digits: int) -> str:
    text = f"{number:.0e}" if 0 < abs(number) < TINY else f"{number:.{digits}g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("-", "−")


def _edges(plan: Plan, layer: int, numbers: Sequence[Sequence[float]], name: str) -> Iterator[Shape]:
    """The edges into a layer between units that are shown."""
    largest = max((abs(number) for unit in numbers for number in unit), default=0.0) or 1.0
    for unit in range(plan.shown[layer + 1]):
        for source in range(plan.shown[layer]):
            number, start = numbers[unit][source], plan.y(layer, source)
            yield shape(
                "path",
                d=f"M{plan.x(layer) + RADIUS} {start:g}L{plan.x(layer + 1) - RADIUS} {plan.y(layer + 1, unit):g}",
                strokeWidth=round(THINNEST + (THICKEST - THINNEST) * abs(number) / largest, 2),
                className=f"{name} {'negative' if number < 0 else 'positive'}",
            )


def _edge_numbers(plan: Plan, layer: int, numbers: Sequence[Sequence[float]]) -> Iterator[Shape]:
    sources, units = plan.shown[layer], plan.shown[layer + 1]
    if sources * units > MOST_EDGE_NUMBERS:
        return
    for unit in range(units):
        for source in range(sources):
            # Further along for each source, so that edges which cross have their numbers elsewhere.
            along = 0.3 + 0.4 * (source / (sources - 1) if sources > 1 else 0.5)
            start, end = plan.y(layer, source), plan.y(layer + 1, unit)
            x = plan.x(layer) + RADIUS + along * (ACROSS - 2 * RADIUS)
            yield _text(x, start + along * (end - start) + 4, short(numbers[unit][source]), "weight-number")


def _circle(plan: Plan, column: int, unit: int, name: str) -> Shape:
    return shape("circle", cx=plan.x(column), cy=plan.y(column, unit), r=RADIUS, className=name)


def _captions(answer: Document, plan: Plan, column: int) -> Iterator[Shape]:
    name = answer["layers"][column - 1]["activation"] if column else "the row"
    yield _text(plan.x(column), 18, f"layer {column}" if column else "inputs", "caption")
    yield _text(plan.x(column), 34, name, "caption soft")
    if plan.folded[column]:
        yield _text(plan.x(column), plan.y(column, plan.shown[column]), f"+ {plan.folded[column]} more", "soft")


def _text(x: float, y: float, words: str, name: str) -> Shape:
    return shape("text", words, x=round(x, 1), y=round(y, 1), textAnchor="middle", className=name)
