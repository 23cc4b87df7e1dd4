"""Components of our own, which `components.js` draws: drawings in SVG, and times as the browser's user writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash.development.base_component import Component

Shape = Sequence[Any]
OWN = "deltarule_dashboard"


def shape(tag: str, *children: Shape | str, **attributes: str | float) -> Shape:
    """An element of SVG: its tag, attributes as React writes them (`className`, `textAnchor`), and what is in it.

    A shape with a `key` can be chosen, by pointer or keyboard: the drawing's `chosen` is then that key.
    """
    return [tag, attributes, list(children)]


class OwnComponent(Component):
    """A component whose function stands in `components.js` under its name."""

    _namespace = OWN
    _children_props: Sequence[str] = ()
    _base_nodes: Sequence[str] = ()

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 -- what a component takes is its own affair
        self._prop_names = self.available_properties = list(given)
        self._valid_wildcard_attributes: list[str] = []
        self.available_wildcard_properties: list[str] = []
        super().__init__(**given)


class Drawing(OwnComponent):
    """A drawing of a width and height in units of its own, scaled to the room it has; `label` says what it shows."""

    _namespace = OWN
    _children_props: Sequence[str] = ()
    _type = "Drawing"

    def __init__(
        self,
        shapes: Sequence[Shape] = (),
        *,
        width: float,
        height: float,
        label: str,
        className: str = "",  # noqa: N803 -- as Dash has it
        **more: Any,  # noqa: ANN401 -- `id` and `chosen`, which stay undefined where they are not given
    ) -> None:
        super().__init__(shapes=list(shapes), width=width, height=height, label=label, className=className, **more)


class Moment(OwnComponent):
    """A time."""

    _namespace = OWN
    _children_props: Sequence[str] = ()
    _type = "Moment"

    def __init__(self, at: datetime) -> None:
        super().__init__(at=at.isoformat())
