"""How good a model is, in tables: figures side by side, a line for each class or target, who was taken for whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from service.dashboard.amounts import count
from service.dashboard.parts import table
from service.dashboard.words import figure

Metrics = Mapping[str, Any]
NAMES = {
    "r2": "R²",
    "f1": "F1",
    "macro_f1": "Macro F1",
    "roc_auc": "Area under the ROC curve",
    "rows": "Rows",
    "support": "Rows",
}
MOST_LINES = 100
MOST_CLASSES = 25
STRONGEST = 40
"""Percent of colour in the cell of a class that is always right: text still stands out against it."""


def name_of_measure(measure: str) -> str:
    """A measure as people write it."""
    return NAMES.get(measure) or measure.replace("_", " ").capitalize()


def summary(measured: Mapping[str, Metrics | None]) -> Component:
    """The figures of each set of rows, side by side."""
    sets = {name: metrics for name, metrics in measured.items() if metrics}
    measures = list(
        dict.fromkeys(measure for metrics in sets.values() for measure in metrics if _is_figure(metrics, measure))
    )
    rows = [[name_of_measure(each), *(_figure(metrics.get(each)) for metrics in sets.values())] for each in measures]
    return table(["Measure", *(name.capitalize() for name in sets)], rows, label="Metrics")


def details(metrics: Metrics) -> list[Component]:
    """What stands behind the figures: a line for each class or target, and the confusion matrix, where there are."""
    shown = []
    if "confusion_matrix" in metrics:
        shown.append(confusion(metrics["labels"], metrics["confusion_matrix"]))
    for kind, head in (("classes", "Class"), ("targets", "Target")):
        if metrics.get(kind):
            shown.append(lines(head, metrics[kind]))
    return shown


def lines(head: str, measured: Mapping[str, Metrics]) -> Component:
    """A line for each class or target."""
    measures = list(next(iter(measured.values())))
    rows = [[name, *(_figure(of[each]) for each in measures)] for name, of in list(measured.items())[:MOST_LINES]]
    label = f"{head}: {', '.join(map(name_of_measure, measures))}"
    shown = table([head, *map(name_of_measure, measures)], rows, label=label)
    left = len(measured) - MOST_LINES
    return html.Div(
        [shown, html.P(f"{count(left)} more are in the API's answer.", className="soft") if left > 0 else None]
    )


def confusion(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> Component:
    """The confusion matrix as a heat map that can be read: rows are the truth, columns what the model said."""
    places = _most_frequent(matrix)
    head = [html.Th("Truth ↓ · said →", scope="col"), *(html.Th(labels[place], scope="col") for place in places)]
    body = [html.Tr([html.Th(labels[row], scope="row"), *_cells(labels, matrix, row, places)]) for row in places]
    label = "Confusion matrix"
    shown = html.Table(
        [html.Thead(html.Tr(head)), html.Tbody(body)], className="plain-table confusion", **{"aria-label": label}
    )
    part = f"The {MOST_CLASSES} most frequent of {count(len(labels))} classes." if len(places) < len(labels) else None
    wide = html.Div(shown, className="wide", tabIndex=0, role="region", **{"aria-label": label})
    return html.Div([wide, html.P(part, className="soft") if part else None])


def _cells(labels: Sequence[str], matrix: Sequence[Sequence[int]], row: int, places: Sequence[int]) -> list[Component]:
    total = sum(matrix[row])
    return [
        html.Td(
            count(matrix[row][column]),
            title=f"{labels[row]} taken for {labels[column]}: {count(matrix[row][column])} of {count(total)}",
            style={"background": _colour(matrix[row][column] / max(total, 1), right=row == column)},
        )
        for column in places
    ]


def _colour(share: float, *, right: bool) -> str:
    colour = "var(--training)" if right else "var(--validation)"
    return f"color-mix(in srgb, {colour} {STRONGEST * share:.1f}%, transparent)"


def _most_frequent(matrix: Sequence[Sequence[int]]) -> list[int]:
    places = sorted(range(len(matrix)), key=lambda place: -sum(matrix[place]))[:MOST_CLASSES]
    return sorted(places)


def _is_figure(metrics: Metrics, measure: str) -> bool:
    value = metrics[measure]
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _figure(value: float | None) -> str:
    return count(value) if isinstance(value, int) else figure(value)
