"""What is told of a step beside its drawing: why, the formulas in symbols, and the same with the numbers in place."""

from collections.abc import Sequence
from typing import Any

from service.dashboard.components import OWN, OwnComponent
from service.dashboard.stepper.steps import Step


class Board(OwnComponent):
    """One step as `written` gives it; `stepper.js` draws it, so that hundreds of steps are sent as little but words."""

    _namespace = OWN
    _children_props: Sequence[str] = ()
    _type = "Board"

    def __init__(self, told: dict[str, Any], id: str) -> None:  # noqa: A002 -- as Dash has it
        super().__init__(told=told, id=id)


def written(step: Step) -> dict[str, Any]:
    """A step in words and formulas: name and expression; name, expression and value; how many more there are."""
    return {
        "title": step.title,
        "words": step.words,
        "formulas": [list(formula) for formula in step.formulas],
        "lines": [list(line) for line in step.lines],
        "folded": step.folded,
    }
