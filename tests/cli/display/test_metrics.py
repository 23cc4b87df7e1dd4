from typing import Any

from rich.console import Console, RenderableType

from deltarule.cli.display.metrics import confusion_matrix, headline, metrics_table, parts_table


def drawn(part: RenderableType | None) -> list[list[str]]:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(part)
    return [line.split() for line in capture.get().splitlines()]


CLASSIFICATION: dict[str, Any] = {
    "accuracy": 0.9855,
    "roc_auc": None,
    "log_loss": 0.0512,
    "labels": ["b", "a"],
    "confusion_matrix": [[30, 1], [0, 38]],
    "classes": {"a": {"precision": 1.0}, "b": {"precision": 0.5}},
}
REGRESSION: dict[str, Any] = {
    "r2": 0.41,
    "mean_absolute_error": 43.25,
    "targets": {"y2": {"r2": 0.3, "mean_absolute_error": 80.0}, "y1": {"r2": 0.5, "mean_absolute_error": 6.5}},
}
MULTILABEL: dict[str, Any] = {
    "accuracy": 0.9,
    "exact_match": 0.75,
    "labels": ["x", "y"],
    "classes": {label: {"precision": 1.0, "recall": 0.5, "f1": 0.66, "support": 12} for label in ("x", "y")},
}


def test_held_back_rows_stand_beside_training_rows() -> None:
    assert drawn(metrics_table({"training": {**CLASSIFICATION, "accuracy": 1.0}, "validation": CLASSIFICATION})) == [
        ["validation", "training"],
        ["accuracy", "98.6%", "100.0%"],
        ["ROC", "AUC", "–", "–"],
        ["log", "loss", "0.05120", "0.05120"],
    ]


def test_without_validation_there_are_training_rows_alone() -> None:
    assert drawn(metrics_table({"training": REGRESSION, "validation": None}))[1] == ["R²", "0.4100"]


def test_a_confusion_matrix_has_the_labels_in_the_order_of_its_rows() -> None:
    assert drawn(confusion_matrix(CLASSIFICATION)) == [
        ["true", "\\", "predicted", "b", "a"],
        ["b", "30", "1"],
        ["a", "0", "38"],
    ]


def test_no_matrix_where_there_is_none_or_no_screen_holds_it() -> None:
    assert confusion_matrix(REGRESSION) is None
    labels = [str(number) for number in range(50)]
    assert confusion_matrix({"labels": labels, "confusion_matrix": [[0] * 50] * 50}) is None


def test_several_targets_or_labels_have_a_line_each() -> None:
    assert drawn(parts_table(REGRESSION)) == [
        ["R²", "mean", "absolute", "error"],
        ["y1", "0.5000", "6.500"],
        ["y2", "0.3000", "80.00"],
    ]
    assert drawn(parts_table(MULTILABEL))[1] == ["x", "1.000", "0.5000", "0.6600", "12"]
    assert parts_table(CLASSIFICATION) is None
    assert parts_table({"targets": {"y": {"r2": 1.0}}}) is None


def test_the_headline_is_the_figure_that_says_most() -> None:
    assert headline({"training": CLASSIFICATION, "validation": {**CLASSIFICATION, "accuracy": 0.5}}) == "accuracy 50.0%"
    assert headline({"training": REGRESSION, "validation": None}) == "R² 0.4100"
    assert headline({}) == "–"
