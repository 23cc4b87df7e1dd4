"""What a model says of each row, as wide as a screen and no longer than one."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from deltarule.cli.display.tables import plain_table
from deltarule.cli.display.words import number
from deltarule.client import Prediction

SHOWN_ROWS, SHOWN_CLASSES, SHOWN_NOTES = 20, 6, 5


def predictions_table(predictions: Sequence[Prediction]) -> RenderableType:
    """The first rows with what is predicted, then what was odd about them."""
    shown = predictions[:SHOWN_ROWS]
    classes = _classes(shown)
    columns = ["row", *_columns(shown), *classes]
    rows = ([str(row), *_said(prediction), *_chances(prediction, classes)] for row, prediction in enumerate(shown, 1))
    words = {"label", "labels"}
    return Group(plain_table(columns, rows, set(columns) - words, gap=2), *_notes(predictions))


def _columns(shown: Sequence[Prediction]) -> list[str]:
    first = shown[0] if shown else Prediction()
    if first.values is not None:
        return sorted(first.values)
    return ["labels" if first.labels is not None else "label" if first.label is not None else "value"]


def _said(prediction: Prediction) -> list[str]:
    if prediction.values is not None:
        return [number(prediction.values[name]) for name in sorted(prediction.values)]
    if prediction.labels is not None:
        return [", ".join(prediction.labels) or "–"]
    return [str(prediction.label) if prediction.label is not None else number(prediction.value)]


def _classes(shown: Sequence[Prediction]) -> list[str]:
    """The classes whose probabilities a screen has room for; where they are too many, the prediction's own."""
    known = sorted({name for prediction in shown for name in prediction.probabilities or ()})
    return known if len(known) <= SHOWN_CLASSES else ["probability"]


def _chances(prediction: Prediction, classes: Sequence[str]) -> list[str]:
    chances = prediction.probabilities or {}
    if classes == ["probability"] and classes[0] not in chances:
        return [f"{max(chances.values(), default=0):.3f}"]
    return [f"{chances[name]:.3f}" if name in chances else "–" for name in classes]


def _notes(predictions: Sequence[Prediction]) -> Iterator[RenderableType]:
    noted = [(row, prediction) for row, prediction in enumerate(predictions, 1) if prediction.notes]
    if noted:
        yield Text()
    for row, prediction in noted[:SHOWN_NOTES]:
        yield Text.assemble((f"row {row}: ", "yellow"), " ".join(prediction.notes))
    if len(noted) > SHOWN_NOTES:
        yield Text(f"{len(noted) - SHOWN_NOTES} more rows have notes; --json tells them.", "dim")
