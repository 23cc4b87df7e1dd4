"""A network as a picture: a column for each layer, with its size, its activation and its parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deltarule.store.errors import NotFound
from deltarule.store.records import Job, Model
from deltarule.training.estimate import input_width
from deltarule.training.tables.schema import Schema
from service.dashboard.components import Drawing, Shape, shape
from service.schemas.datasets import schema_of
from service.services import Services

MOST_UNITS = 8
"""Units of a layer that are drawn; of more, the first and the last, with dots between them."""
COLUMN, ROW, RADIUS = 132, 26, 8
TOP, BOTTOM, SIDE = 22, 74, 66
MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as it is drawn: `parameters` is None where the number of its inputs is not known."""

    name: str
    units: int
    words: tuple[str, ...]
    parameters: int | None


def layers_of(network: Mapping[str, Any], inputs: int | None) -> tuple[Layer, ...]:
    """The layers of a resolved definition, after one for the inputs if their number is known."""
    found = [Layer("inputs", inputs, (), 0)] if inputs is not None else []
    fan_in = inputs
    for number, layer in enumerate(network.get("layers") or (), 1):
        units, biases = int(layer["units"]), bool(layer.get("bias", True))
        words = [str(layer.get("activation", ""))]
        words += [f"dropout {layer['dropout']:g}"] if layer.get("dropout") else []
        words += [] if biases else ["no biases"]
        parameters = None if fan_in is None else units * (fan_in + biases)
        found.append(Layer(f"layer {number}", units, tuple(words), parameters))
        fan_in = units
    return tuple(found)


def layers_of_model(model: Model) -> tuple[Layer, ...]:
    """The layers of a trained model."""
    return layers_of(model.description["network"], _width(model.description["inputs"]))


def layers_of_job(services: Services, job: Job) -> tuple[Layer, ...]:
    """The layers of a job, as far as what it needs is still there."""
    continued = job.spec["network"].get("model_id")
    try:
        for identifier in filter(None, (job.model_id, continued)):
            return layers_of_model(services.models.get(job.owner, identifier))
        if job.dataset_id is not None:
            schema = schema_of(services.datasets.get(job.owner, job.dataset_id))
            features = [schema.column(name) for name in job.spec.get("features") or ()]
            return layers_of(job.spec["network"], input_width(features))
    except (NotFound, KeyError):
        pass
    return layers_of(job.spec["network"], None)


def picture(layers: Sequence[Layer]) -> Drawing:
    """The drawing; of very many layers, the first and the last."""
    shown = (
        list(layers) if len(layers) <= MOST_COLUMNS else [*layers[: MOST_COLUMNS // 2], *layers[-MOST_COLUMNS // 2 :]]
    )
    height = TOP + ROW * min(MOST_UNITS, max((layer.units for layer in shown), default=1)) + BOTTOM
    places = [SIDE + COLUMN * number for number in range(len(shown))]
    middle = (height - BOTTOM + TOP) / 2
    nodes = [_heights(layer.units, middle) for layer in shown]
    shapes = [
        *_edges(places, nodes),
        *(node for place, heights in zip(places, nodes, strict=True) for node in _nodes(place, heights)),
        *(_caption(layer, place, middle, height) for layer, place in zip(shown, places, strict=True)),
    ]
    return Drawing(shapes, width=2 * SIDE + COLUMN * max(0, len(shown) - 1), height=height, label=described(layers))


def described(layers: Sequence[Layer]) -> str:
    """The picture in words."""
    return "; ".join(f"{layer.name}: {layer.units} {' '.join(layer.words)}".strip() for layer in layers)


def _width(columns: Sequence[Mapping[str, Any]]) -> int:
    schema = Schema.model_validate({"format": "json", "rows": 0, "columns": tuple(columns)})
    return input_width(schema.columns)


def _heights(units: int, middle: float) -> list[float]:
    count = min(units, MOST_UNITS)
    return [middle + ROW * (place - (count - 1) / 2) for place in range(count)]


def _edges(places: Sequence[float], nodes: Sequence[Sequence[float]]) -> Iterator[Shape]:
    for number in range(len(places) - 1):
        left, right = places[number], places[number + 1]
        path = "".join(f"M{left} {y:g}L{right} {z:g}" for y in nodes[number] for z in nodes[number + 1])
        yield shape("path", d=path, className="network-edge")


def _nodes(place: float, heights: Sequence[float]) -> Iterator[Shape]:
    for y in heights:
        yield shape("circle", cx=place, cy=y, r=RADIUS, className="network-unit")


def _caption(layer: Layer, place: float, middle: float, height: float) -> Shape:
    hidden = layer.units - MOST_UNITS
    dots = [shape("text", f"… {hidden} more", x=place, y=height - BOTTOM + 14, className="soft")] if hidden > 0 else []
    lines = [f"{layer.units} {layer.words[0] if layer.words else layer.name}", *layer.words[1:]]
    if layer.parameters:
        lines.append(f"{layer.parameters:,} parameters")
    texts = [
        shape("text", line, x=place, y=height - BOTTOM + 30 + 15 * number, className="soft" if number else "strong")
        for number, line in enumerate(lines)
    ]
    return shape("g", *dots, *texts, textAnchor="middle")
