"""What a model is worth, measured on rows; undefined is None, never a number that looks like an answer.

Definitions are scikit-learn's: `accuracy_score`, `balanced_accuracy_score`, `precision_recall_fscore_support`,
`roc_auc_score` (one against the rest, macro), `log_loss`, `r2_score`, `mean_absolute_error`, `root_mean_squared_error`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Rows = NDArray[np.intp]
Truths = NDArray[np.bool_]
Metrics = dict[str, Any]

SURE = float(np.finfo(np.float64).eps)
"""A probability counts as no closer to 0 or 1 than this in a log loss, which would be infinite otherwise."""


def classification(truth: Rows, scores: Doubles, classes: Sequence[str], probabilities: bool) -> Metrics:
    """Metrics of one class for each row.

    Args:
        truth: number of each row's class, n.
        scores: n × classes, the largest of a row is its prediction.
        classes: their names.
        probabilities: whether the scores are some; without them there is no log loss.
    """
    matrix = confusion(truth, np.argmax(scores, axis=1), len(classes))
    log_loss = _mean_log_loss(scores[np.arange(len(truth)), truth]) if probabilities else None
    return classification_of(matrix, areas(truth, scores), log_loss, classes)


def classification_of(
    matrix: NDArray[np.int64], of_areas: Sequence[float | None], log_loss: float | None, classes: Sequence[str]
) -> Metrics:
    """The same from what the rows come to: their confusion matrix, the area of each class, their mean log loss."""
    of_classes = [_of_class(matrix, number) for number in range(len(classes))]
    seen = [one for one, row, column in zip(of_classes, matrix, matrix.T, strict=True) if row.any() or column.any()]
    return {
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "balanced_accuracy": _mean([one["recall"] for one in of_classes if one["support"]]),
        "macro_f1": _mean([one["f1"] for one in seen]),
        "roc_auc": _mean(of_areas),
        "log_loss": log_loss,
        "labels": list(classes),
        "confusion_matrix": matrix.tolist(),
        "classes": dict(zip(classes, of_classes, strict=True)),
    }


def multilabel(
    truth: Truths, predicted: Truths, scores: Doubles, labels: Sequence[str], probabilities: bool
) -> Metrics:
    """Metrics of any number of labels for each row: `accuracy` over all labels, `exact_match` over whole rows.

    Args:
        truth: whether the row has the label, n × labels.
        predicted: whether the model says so, n × labels.
        scores: larger where the label is likelier, n × labels.
        labels: their names.
        probabilities: whether the scores are some; without them there is no log loss.
    """
    columns = zip(truth.T, predicted.T, scores.T, strict=True)
    of_labels = [_of_label(*column) for column in columns]
    exact_match = float(np.mean((truth == predicted).all(axis=1)))
    log_loss = _mean_log_loss(np.where(truth, scores, 1 - scores)) if probabilities else None
    return multilabel_of(of_labels, float(np.mean(truth == predicted)), exact_match, log_loss, labels)


def multilabel_of(
    of_labels: Sequence[Metrics], accuracy: float, exact_match: float, log_loss: float | None, labels: Sequence[str]
) -> Metrics:
    """The same from the metrics of each label."""
    return {
        "accuracy": accuracy,
        "exact_match": exact_match,
        "macro_f1": _mean([one["f1"] for one in of_labels]),
        "roc_auc": _mean([one["roc_auc"] for one in of_labels]),
        "log_loss": log_loss,
        "labels": list(labels),
        "classes": dict(zip(labels, of_labels, strict=True)),
    }


def regression(truth: Doubles, predicted: Doubles, names: Sequence[str]) -> Metrics:
    """Metrics of real numbers, n × targets: for each target, and their plain means over the targets."""
    columns = zip(names, truth.T, predicted.T, strict=True)
    return regression_of({name: _of_target(*column) for name, *column in columns})


def regression_of(targets: Mapping[str, Metrics]) -> Metrics:
    """The same from the metrics of each target."""
    measures = ("r2", "mean_absolute_error", "root_mean_squared_error")
    return {measure: _mean([one[measure] for one in targets.values()]) for measure in measures} | {
        "targets": dict(targets)
    }


def confusion(truth: Rows, predicted: Rows, classes: int) -> NDArray[np.int64]:
    """How many rows of each class (down) were taken for each class (across)."""
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def roc_auc(truth: Truths, scores: Doubles) -> float | None:
    """The area under the ROC curve: how often a positive row scores above a negative one, ties half.

    From the sum of ranks (J. Hanley, B. McNeil, 1982); None where all rows are positive or none is, or a score is
    not finite.
    """
    positive = int(np.count_nonzero(truth))
    negative = len(truth) - positive
    if not positive or not negative or not np.isfinite(scores).all():
        return None
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    above = float(np.sum(ranks[places][truth])) - positive * (positive + 1) / 2
    return above / (positive * negative)


def log_losses(given: Doubles) -> Doubles:
    """-log of the probability that each truth was given."""
    return -np.log(np.clip(given, SURE, 1 - SURE))


def _mean_log_loss(given: Doubles) -> float | None:
    return _finite(np.mean(log_losses(given)))


def areas(truth: Rows, scores: Doubles) -> list[float | None]:
    """The area of each class against the rest; two classes share one."""
    columns = range(1, 2) if scores.shape[1] == len(("no", "yes")) else range(scores.shape[1])
    return [roc_auc(truth == at, scores[:, at]) for at in columns]


def _of_class(matrix: NDArray[np.int64], number: int) -> Metrics:
    return precision_recall(int(matrix[number, number]), int(matrix[:, number].sum()), int(matrix[number].sum()))


def _of_label(truth: Truths, predicted: Truths, scores: Doubles) -> Metrics:
    hits = int(np.count_nonzero(truth & predicted))
    measured = precision_recall(hits, int(np.count_nonzero(predicted)), int(np.count_nonzero(truth)))
    return measured | {"accuracy": float(np.mean(truth == predicted)), "roc_auc": roc_auc(truth, scores)}


def precision_recall(hits: int, predicted: int, support: int) -> Metrics:
    """Of one class or label, from the rows that have it, the rows taken to have it, and those of which both is true."""
    return {
        "precision": hits / predicted if predicted else 0.0,
        "recall": hits / support if support else 0.0,
        "f1": 2 * hits / (predicted + support) if predicted + support else 0.0,
        "support": support,
    }


def _of_target(truth: Doubles, predicted: Doubles) -> dict[str, float | None]:
    with np.errstate(all="ignore"):
        error = predicted - truth
        spread = float(np.sum(np.square(truth - np.mean(truth)))) if np.ptp(truth) > 0 else 0.0
        return errors_of(float(np.sum(np.square(error))), float(np.mean(np.abs(error))), spread, len(error))


def errors_of(unexplained: float, absolute: float, spread: float, rows: int) -> dict[str, float | None]:
    """Of one target, from Σ (y - ŷ)², the mean of |y - ŷ|, and Σ (y - mean)², 0 where all y are alike."""
    with np.errstate(all="ignore"):
        return {
            "r2": _finite(1 - unexplained / spread) if spread > 0 else None,
            "mean_absolute_error": _finite(absolute),
            "root_mean_squared_error": _finite(math.sqrt(unexplained / rows)),
        }


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that are defined."""
    defined = [value for value in values if value is not None]
    return math.fsum(defined) / len(defined) if defined else None


def _finite(value: Any) -> float | None:  # noqa: ANN401
    return float(value) if math.isfinite(value) else None
