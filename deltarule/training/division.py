"""Kept rows go to training or to validation part by part, each class by its share, and always in the same way."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from polars import DataFrame

from deltarule.training.encoding import Rows
from deltarule.training.kept import Kept, located
from deltarule.training.metrics import Doubles
from deltarule.training.sampling import row_weights
from deltarule.training.spec import Spec
from deltarule.training.split import Split
from deltarule.training.targets import Target


@dataclass(frozen=True, slots=True)
class Part:
    """Some kept rows.

    Attributes:
        frame: their values.
        classes: the number of each row's class; None where there are no classes.
        is_validation: for each row, whether it is for validation.
    """

    frame: DataFrame
    classes: Rows | None
    is_validation: NDArray[np.bool_]


class Division:
    """How the kept rows of a job are divided.

    Attributes:
        training_rows, validation_rows: how many there are of each.
        class_sizes: training rows of each class; None where there are no classes.
    """

    def __init__(self, spec: Spec, kept: Kept, target: Target | None, width: int) -> None:
        """Counts the rows of each class, where the target has some; `width` numbers are what a row comes to."""
        self._spec, self._kept, self._target, self._width = spec, kept, target, width
        sizes = self._count_classes()
        self._sizes = np.array([kept.counts.kept]) if sizes is None else sizes
        taken = self._split().taken
        self.class_sizes = None if sizes is None else sizes - taken
        self.validation_rows = int(taken.sum())
        self.training_rows = kept.counts.kept - self.validation_rows

    def parts(self) -> Iterator[Part]:
        """All rows, from the first on."""
        split = self._split()
        for frame in self._kept.parts(self._width):
            classes = self._classes(frame)
            one = np.zeros(frame.height, np.intp) if classes is None else classes
            yield Part(frame, classes, split.next(one))

    def weights(self, part: Part) -> Doubles | None:
        """The weight of each row of a part; None where nothing weighs them.

        Raises:
            DataError: a weight is missing or negative, or given for a class that is none.
        """
        return weights_of(self._spec, self._target, part.frame, part.classes, self.class_sizes)

    def _split(self) -> Split:
        return Split(self._sizes, self._spec.training.validation_fraction or 0.0, self._spec.training.seed)

    def _count_classes(self) -> Rows | None:
        sizes: Rows | None = None
        for frame in self._kept.parts(self._width):
            classes = self._classes(frame)
            if classes is None or self._target is None:
                return None
            counted = np.bincount(classes, minlength=len(self._target.labels))
            sizes = counted if sizes is None else sizes + counted
        return sizes

    def _classes(self, frame: DataFrame) -> Rows | None:
        if self._target is None:
            return None
        with located(frame):
            return self._target.strata(self._target.encode(frame))


def weights_of(
    spec: Spec, target: Target | None, frame: DataFrame, classes: Rows | None, sizes: Rows | None
) -> Doubles | None:
    """The weight of each row of a frame of kept rows, all of them used."""
    labels = () if target is None else target.labels
    with located(frame):
        return row_weights(spec, frame, np.arange(frame.height), labels=labels, classes=classes, sizes=sizes)
