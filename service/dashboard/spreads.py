"""How a column is spread, as a picture: a histogram of its numbers, bars of its texts."""

from dash import html
from dash.development.base_component import Component

from deltarule.training.distributions import Frequencies, Histogram
from service.dashboard.amounts import count, number, share
from service.dashboard.components import Drawing, Shape, shape
from service.dashboard.parts import bars

WIDTH, HEIGHT, FOOT = 240, 84, 16
TEXTS_SHOWN = 6


def spread(name: str, found: Histogram | Frequencies | None, rows: int) -> Component:
    """The picture of a column of which so many rows were looked at."""
    if isinstance(found, Histogram):
        return histogram(name, found)
    if isinstance(found, Frequencies):
        return frequencies(name, found, rows)
    return html.P("No values, or too many different texts to be drawn.", className="soft spread-none")


def histogram(name: str, found: Histogram) -> Component:
    """A bar for each range of numbers; the range and its count stand where the pointer rests."""
    tallest = max(found.counts, default=0) or 1
    step = WIDTH / len(found.counts)
    shapes = [
        _bar(place * step, step, (HEIGHT - FOOT) * counted / tallest, _said(found, place))
        for place, counted in enumerate(found.counts)
    ]
    low, high = _limits(found)
    ends = [
        shape("text", number(low), x=0, y=HEIGHT - 3, className="soft"),
        shape("text", number(high), x=WIDTH, y=HEIGHT - 3, textAnchor="end", className="soft"),
    ]
    top = found.counts.index(max(found.counts))
    label = f"Histogram of {name} from {number(low)} to {number(high)}; the most values are {_said(found, top)}"
    return Drawing([*shapes, *ends], width=WIDTH, height=HEIGHT, label=label, className="histogram")


def frequencies(name: str, found: Frequencies, rows: int) -> Component:
    """A bar for each of the most frequent texts, and one for all others."""
    shown = list(zip(found.values, found.counts, strict=True))
    if len(shown) > TEXTS_SHOWN:
        rest = shown[TEXTS_SHOWN - 1 :]
        shown = [*shown[: TEXTS_SHOWN - 1], (f"{count(len(rest))} others", sum(times for _, times in rest))]
    most = max((times for _, times in shown), default=1)
    items = [(text, times / most, f"{count(times)} · {share(times, rows)}") for text, times in shown]
    return bars(items, label=f"How often each text of {name} is there")


def _bar(left: float, width: float, height: float, said: str) -> Shape:
    tall = max(height, 1.0) if height else 0.0
    box = {"x": round(left + 0.5, 2), "y": round(HEIGHT - FOOT - tall, 2), "width": round(max(width - 1, 1), 2)}
    return shape("rect", shape("title", said), height=round(tall, 2), **box)


def _centred(found: Histogram) -> bool:
    return len(found.edges) > 1 and found.edges[1] - found.edges[0] == 1 and found.edges[0] % 1 == 0.5  # noqa: PLR2004


def _limits(found: Histogram) -> tuple[float, float]:
    if _centred(found):
        return found.edges[0] + 0.5, found.edges[-1] - 0.5
    return found.edges[0], found.edges[-1]


def _said(found: Histogram, place: int) -> str:
    low, high = found.edges[place], found.edges[place + 1]
    values = number(low + 0.5) if _centred(found) else f"{number(low)} to {number(high)}"
    return f"{values}: {count(found.counts[place])}"
