"""How good a model is: the figures of its task, and which classes it takes for which."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from deltarule.cli.display.tables import Cell, plain_table
from deltarule.cli.display.words import number

NAMES = MappingProxyType(
    {
        "accuracy": "accuracy",
        "exact_match": "whole rows right",
        "balanced_accuracy": "balanced accuracy",
        "macro_f1": "macro F1",
        "roc_auc": "ROC AUC",
        "log_loss": "log loss",
        "r2": "R²",
        "mean_absolute_error": "mean absolute error",
        "root_mean_squared_error": "root mean squared error",
    }
)
PART_NAMES = MappingProxyType({"precision": "precision", "recall": "recall", "f1": "F1", "support": "rows", **NAMES})
PERCENT = frozenset({"accuracy", "balanced_accuracy", "exact_match"})
HEADLINES = ("accuracy", "r2", "macro_f1")
CORNER = "true \\ predicted"
LARGEST_MATRIX, LARGEST_PARTS = 20, 40

Metrics = Mapping[str, Any]


def figures(metrics: Mapping[str, Metrics | None]) -> Sequence[RenderableType]:
    """All that is known of how good a model is; which class it takes for which, of the first rows in this order:
    those held back, those it was trained on, any others.
    """
    measured = metrics.get("validation") or metrics.get("training") or next(filter(None, metrics.values()), {})
    parts = (metrics_table(metrics), confusion_matrix(measured), parts_table(measured))
    return [part for part in parts if part is not None]


def metrics_table(metrics: Mapping[str, Metrics | None]) -> RenderableType:
    """One line for each figure, held back rows beside training rows."""
    kinds = dict.fromkeys(("validation", "training", *metrics))
    measured = {kind: found for kind in kinds if (found := metrics.get(kind))}
    names = [name for name in NAMES if any(name in each for each in measured.values())]
    lines = ([NAMES[name], *(_value(name, measured[kind].get(name)) for kind in measured)] for name in names)
    return plain_table(["", *measured], lines, measured)


def parts_table(metrics: Metrics) -> RenderableType | None:
    """One line for each target or label, where there are several that no confusion matrix shows."""
    parts: Mapping[str, Metrics] = metrics.get("targets") or metrics.get("classes") or {}
    if len(parts) < 2 or len(parts) > LARGEST_PARTS or metrics.get("confusion_matrix"):  # noqa: PLR2004
        return None
    names = [name for name in PART_NAMES if any(name in part for part in parts.values())]
    lines = ([part, *(_value(name, parts[part].get(name)) for name in names)] for part in sorted(parts))
    return plain_table(["", *(PART_NAMES[name] for name in names)], lines, PART_NAMES.values())


def confusion_matrix(metrics: Metrics) -> RenderableType | None:
    """True classes down, predicted ones across; None where there is none, or no screen would hold it."""
    counts: Sequence[Sequence[int]] | None = metrics.get("confusion_matrix")
    labels: Sequence[str] = metrics.get("labels") or ()
    if not counts or len(counts) != len(labels) or len(labels) > LARGEST_MATRIX:
        return None
    lines: list[list[Cell]] = [
        [label, *(_count(count, right=row == column) for column, count in enumerate(counts[row]))]
        for row, label in enumerate(labels)
    ]
    return plain_table([CORNER, *labels], lines, labels)


def headline(metrics: Mapping[str, Metrics | None]) -> str:
    """The one figure that says most, of the held back rows if there are any."""
    measured = metrics.get("validation") or metrics.get("training") or {}
    name = next((name for name in HEADLINES if measured.get(name) is not None), None)
    return f"{NAMES[name]} {_value(name, measured[name])}" if name else "–"


def _value(name: str, value: int | float | None) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.1%}" if value is not None and name in PERCENT else number(value)


def _count(count: int, *, right: bool) -> Text:
    return Text(str(count), "green" if right and count else "red" if count else "dim")
