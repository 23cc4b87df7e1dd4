"""What a model is worth on samples, in memory or mapped from a file: those are gone through part by part.

Sums are the same either way, but for their last bits. An area under a ROC curve takes all scores at once: of mapped
samples it is measured on some of them, evenly spread, so many that chance moves it by less than a thousandth.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.network import predict
from deltarule.backprop.paging import mapping_of, stretches
from deltarule.backprop.samples import Samples
from deltarule.training import metrics
from deltarule.training.encoding import Rows
from deltarule.training.metrics import Doubles, Metrics, Truths
from deltarule.training.model import Model
from deltarule.training.tables.tally import NumberTally
from deltarule.training.targets import LabelsTarget, NumberTarget, Target

NUMBERS_AT_ONCE = 1 << 16
"""Outputs of one part, about."""

SCORES = 1 << 22
"""Scores that areas under ROC curves are measured on, about."""


class Tally(Protocol):
    """What the metrics of one task need to know of all samples."""

    def add(self, *compared: Any) -> None:  # noqa: ANN401 - what the target of the task answers
        """Takes more samples in."""

    def metrics(self) -> Metrics:
        """What all of them come to."""


class _Scored:
    """Truths and scores of every so many-th of the samples."""

    def __init__(self, samples: int, columns: int) -> None:
        self._step = max(1, samples * columns // SCORES)
        self._seen = 0
        self._truths: list[NDArray[Any]] = []
        self._scores: list[Doubles] = []

    def add(self, truth: NDArray[Any], scores: Doubles) -> None:
        rows = slice(-self._seen % self._step, None, self._step)
        self._truths.append(truth[rows].copy())
        self._scores.append(scores[rows].copy())
        self._seen += len(truth)

    def all(self) -> tuple[NDArray[Any], Doubles]:
        return np.concatenate(self._truths), np.concatenate(self._scores)


class _Classes:
    def __init__(self, samples: int, classes: Sequence[str]) -> None:
        self._classes, self._scored = classes, _Scored(samples, len(classes))
        self._matrix = np.zeros((len(classes), len(classes)), np.int64)
        self._log_losses, self._probabilities = 0.0, False

    def add(self, truth: Rows, scores: Doubles, classes: Sequence[str], probabilities: bool) -> None:
        self._matrix += metrics.confusion(truth, np.argmax(scores, axis=1), len(classes))
        self._scored.add(truth, scores)
        given = scores[np.arange(len(truth)), truth]
        self._probabilities = probabilities
        self._log_losses += float(metrics.log_losses(given).sum()) if probabilities else 0.0

    def metrics(self) -> Metrics:
        log_loss = self._log_losses / int(self._matrix.sum()) if self._probabilities else None
        return metrics.classification_of(self._matrix, metrics.areas(*self._scored.all()), log_loss, self._classes)


class _Labels:
    def __init__(self, samples: int, labels: Sequence[str]) -> None:
        self._labels, self._samples, self._scored = labels, samples, _Scored(samples, len(labels))
        self._counts = np.zeros((4, len(labels)), np.int64)
        self._exact = 0
        self._log_losses, self._probabilities = 0.0, False

    def add(self, truth: Truths, predicted: Truths, scores: Doubles, _: Sequence[str], probabilities: bool) -> None:
        right = truth == predicted
        self._counts += [column.sum(axis=0) for column in (truth & predicted, predicted, truth, right)]
        self._exact += int(right.all(axis=1).sum())
        self._scored.add(truth, scores)
        given = np.where(truth, scores, 1 - scores)
        self._probabilities = probabilities
        self._log_losses += float(metrics.log_losses(given).sum()) if probabilities else 0.0

    def metrics(self) -> Metrics:
        truth, scores = self._scored.all()
        areas = [metrics.roc_auc(*pair) for pair in zip(truth.T, scores.T, strict=True)]
        of_labels = [
            metrics.precision_recall(hits, predicted, support) | {"accuracy": right / self._samples, "roc_auc": area}
            for (hits, predicted, support, right), area in zip(self._counts.T.tolist(), areas, strict=True)
        ]
        numbers = self._samples * len(self._labels)
        log_loss = self._log_losses / numbers if self._probabilities else None
        accuracy = float(self._counts[3].sum() / numbers)
        return metrics.multilabel_of(of_labels, accuracy, self._exact / self._samples, log_loss, self._labels)


class _Numbers:
    def __init__(self, samples: int, names: Sequence[str]) -> None:
        self._samples, self._names = samples, names
        self._truths = [NumberTally() for _ in names]
        self._squares, self._absolute = np.zeros(len(names)), np.zeros(len(names))

    def add(self, truth: Doubles, predicted: Doubles, _: Sequence[str]) -> None:
        with np.errstate(all="ignore"):
            error = predicted - truth
            self._squares += np.square(error).sum(axis=0)
            self._absolute += np.abs(error).sum(axis=0)
        for tally, column in zip(self._truths, truth.T, strict=True):
            tally.add(column)

    def metrics(self) -> Metrics:
        columns = zip(self._names, self._squares.tolist(), self._absolute.tolist(), self._truths, strict=True)
        return metrics.regression_of(
            {
                name: metrics.errors_of(
                    squares,
                    absolute / self._samples,
                    truth.squares if truth.minimum < truth.maximum else 0.0,
                    self._samples,
                )
                for name, squares, absolute, truth in columns
            }
        )


def measured(model: Model, samples: Samples) -> Metrics:
    """The metrics of a model on encoded samples."""
    if mapping_of(samples.inputs) is None:
        return model.measure(*_outputs(model, samples))
    target, activation = model.form.target, model.output_activation
    tally = tally_of(target, len(samples))
    for rows in stretches(len(samples), max(1, NUMBERS_AT_ONCE // samples.targets.shape[1])):
        part = samples.part(rows)
        tally.add(*target.compared(*_outputs(model, part), activation))
        part.forget()
    return tally.metrics()


def tally_of(target: Target, samples: int) -> Tally:
    """What takes in the samples, so many of them, part by part, as `target.compared` gives them."""
    match target:
        case LabelsTarget():
            return _Labels(samples, target.names)
        case NumberTarget():
            return _Numbers(samples, target.names)
        case _:
            return _Classes(samples, target.labels)


def _outputs(model: Model, samples: Samples) -> tuple[Doubles, Doubles]:
    outputs = predict(model.network, model.parameters, samples.inputs)
    return samples.targets.astype(np.float64), outputs.astype(np.float64)
