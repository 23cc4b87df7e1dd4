"""Target columns become what the outputs are compared with, and outputs become answers in the target's own words.

Every kind of target encodes whole frames: a row without a value gives some number, and is for the caller to leave out.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import polars
from numpy.typing import NDArray
from pydantic import Field

from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.record import Record
from deltarule.training import metrics
from deltarule.training.encoding import Rows, codes
from deltarule.training.metrics import Doubles, Metrics, Truths
from deltarule.training.naming import listed
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.values import shown

Prediction = dict[str, Any]
Names = Annotated[tuple[str, ...], Field(strict=False)]
Numbers = Annotated[tuple[float, ...], Field(strict=False)]

YES = ("true", "yes", "1", "1.0")
NO = ("false", "no", "0", "0.0")
"""How a column says whether a row has its label."""


class ClassTarget(Record):
    """One column, one class for each row.

    Attributes:
        classes: in the type the column has them, sorted.
        width: outputs: one for each class, `high` for the row's own and `low` for the others; or a single one for two
            classes, `low` for the first and `high` for the second.
    """

    type: Literal["class"] = "class"
    name: str
    classes: Annotated[tuple[int | float | str, ...], Field(strict=False)]
    width: int
    low: float = 0.0
    high: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The target columns."""
        return (self.name,)

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, written out."""
        return tuple(map(str, self.classes))

    def encode(self, frame: polars.DataFrame) -> Doubles:
        """The targets of the rows, n × width.

        Raises:
            DataError: a row has a class that is none of them.
        """
        numbers = self._numbers(frame[self.name])
        if self._is_one_output_for_two:
            return np.where(numbers > 0, self.high, self.low)[:, np.newaxis]
        return np.where(numbers[:, np.newaxis] == np.arange(self.width), self.high, self.low)

    def strata(self, targets: Doubles) -> Rows:
        """The number of each row's class."""
        numbers: Rows = np.argmax(self._scores(targets, None), axis=1)
        return numbers

    def measure(self, targets: Doubles, outputs: Doubles, activation: ActivationName) -> Metrics:
        """The metrics of a classification."""
        return metrics.classification(*self.compared(targets, outputs, activation))

    def compared(
        self, targets: Doubles, outputs: Doubles, activation: ActivationName
    ) -> tuple[Rows, Doubles, Sequence[str], bool]:
        """What `metrics.classification` takes."""
        scores = self._scores(outputs, activation)
        return self.strata(targets), scores, self.labels, _are_probabilities(activation)

    def predictions(self, outputs: Doubles, activation: ActivationName) -> list[Prediction]:
        """For each row its label and, where the outputs say so, the probabilities of all."""
        return _labelled(self.classes, self.labels, self._scores(outputs, activation), activation)

    @property
    def _is_one_output_for_two(self) -> bool:
        return self.width < len(self.classes)

    def _numbers(self, values: polars.Series) -> Rows:
        if values.dtype == polars.String:
            numbers = codes(values, self.labels)
        else:
            numbers = _places(values.to_numpy(), np.array(self.classes, np.float64))
        nowhere = numbers < 0
        unknown = nowhere & values.is_not_null().to_numpy() if nowhere.any() else nowhere
        if unknown.any():
            row = int(np.argmax(unknown))
            raise RowError(
                row,
                self.name,
                f"{shown(values[row])} is no class of the training data; its classes are {listed(self.labels)}.",
            )
        return numbers

    def _scores(self, outputs: Doubles, activation: ActivationName | None) -> Doubles:
        """A score for each class, n × classes: probabilities where the output activation gives some."""
        if self._is_one_output_for_two:
            middle = (self.low + self.high) / 2
            second = outputs - middle
            return np.hstack([middle - second, middle + second])
        return _shares(outputs) if activation == "sigmoid" else outputs


class IndicatorTarget(Record):
    """A column for each class, taken as they stand: the class of a row is the column with the largest value."""

    type: Literal["indicator"] = "indicator"
    names: Names

    @property
    def width(self) -> int:
        """Outputs of the network."""
        return len(self.names)

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes: the columns' names."""
        return self.names

    def encode(self, frame: polars.DataFrame) -> Doubles:
        """The targets of the rows, n × width."""
        return _as_they_stand(frame, self.names)

    def strata(self, targets: Doubles) -> Rows:
        """The number of each row's class."""
        numbers: Rows = np.argmax(targets, axis=1)
        return numbers

    def measure(self, targets: Doubles, outputs: Doubles, activation: ActivationName) -> Metrics:
        """The metrics of a classification."""
        return metrics.classification(*self.compared(targets, outputs, activation))

    def compared(
        self, targets: Doubles, outputs: Doubles, activation: ActivationName
    ) -> tuple[Rows, Doubles, Sequence[str], bool]:
        """What `metrics.classification` takes."""
        scores = _shares(outputs) if activation == "sigmoid" else outputs
        return self.strata(targets), scores, self.labels, _are_probabilities(activation)

    def predictions(self, outputs: Doubles, activation: ActivationName) -> list[Prediction]:
        """For each row its label and, where the outputs say so, the probabilities of all."""
        scores = _shares(outputs) if activation == "sigmoid" else outputs
        return _labelled(self.names, self.names, scores, activation)


class LabelsTarget(Record):
    """A column for each label, which a row has or has not.

    Attributes:
        as_they_stand: the columns hold the very numbers to train on; otherwise they say yes (`high`) or no (`low`).
    """

    type: Literal["labels"] = "labels"
    names: Names
    as_they_stand: bool
    low: float = 0.0
    high: float = 1.0

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels: the columns' names."""
        return self.names

    @property
    def width(self) -> int:
        """Outputs of the network."""
        return len(self.names)

    def encode(self, frame: polars.DataFrame) -> Doubles:
        """The targets of the rows, n × width.

        Raises:
            DataError: a value says neither yes nor no.
        """
        if self.as_they_stand:
            return _as_they_stand(frame, self.names)
        return np.column_stack([np.where(_says_yes(frame[name]), self.high, self.low) for name in self.names])

    def strata(self, targets: Doubles) -> None:
        """Rows of several labels fall into no classes."""

    def measure(self, targets: Doubles, outputs: Doubles, activation: ActivationName) -> Metrics:
        """The metrics of several labels."""
        return metrics.multilabel(*self.compared(targets, outputs, activation))

    def compared(
        self, targets: Doubles, outputs: Doubles, activation: ActivationName
    ) -> tuple[Truths, Truths, Doubles, Sequence[str], bool]:
        """What `metrics.multilabel` takes."""
        return self._has(targets), self._has(outputs), outputs, self.names, _are_probabilities(activation)

    def predictions(self, outputs: Doubles, activation: ActivationName) -> list[Prediction]:
        """For each row the labels it has and, where the outputs say so, the probability of each."""
        answers: list[Prediction] = []
        for row, has in zip(outputs.tolist(), self._has(outputs).tolist(), strict=True):
            answers.append({"labels": [name for name, one in zip(self.names, has, strict=True) if one]})
            if _are_probabilities(activation):
                answers[-1]["probabilities"] = dict(zip(self.names, row, strict=True))
        return answers

    def _has(self, values: Doubles) -> Truths:
        return values > (self.low + self.high) / 2


class NumberTarget(Record):
    """Columns of real numbers, compared with outputs as (value - mean) / standard deviation, which may be 0 and 1."""

    type: Literal["number"] = "number"
    names: Names
    means: Numbers
    standard_deviations: Numbers

    @property
    def labels(self) -> tuple[str, ...]:
        """Numbers have no labels."""
        return ()

    @property
    def width(self) -> int:
        """Outputs of the network."""
        return len(self.names)

    def encode(self, frame: polars.DataFrame) -> Doubles:
        """The targets of the rows, n × width."""
        return (_as_they_stand(frame, self.names) - self.means) / self.standard_deviations

    def decode(self, outputs: Doubles) -> Doubles:
        """Outputs, or encoded targets, in the columns' own units."""
        return outputs * self.standard_deviations + self.means

    def strata(self, targets: Doubles) -> None:
        """Real numbers fall into no classes."""

    def measure(self, targets: Doubles, outputs: Doubles, activation: ActivationName) -> Metrics:
        """The metrics of a regression, in the columns' own units."""
        return metrics.regression(*self.compared(targets, outputs, activation))

    def compared(
        self, targets: Doubles, outputs: Doubles, activation: ActivationName
    ) -> tuple[Doubles, Doubles, Sequence[str]]:
        """What `metrics.regression` takes."""
        del activation
        return self.decode(targets), self.decode(outputs), self.names

    def predictions(self, outputs: Doubles, activation: ActivationName) -> list[Prediction]:
        """For each row its value, or its values by column."""
        rows = self.decode(outputs).tolist()
        if self.width == 1:
            return [{"value": value} for (value,) in rows]
        return [{"values": dict(zip(self.names, row, strict=True))} for row in rows]


Target = Annotated[ClassTarget | IndicatorTarget | LabelsTarget | NumberTarget, Field(discriminator="type")]


def _are_probabilities(activation: ActivationName) -> bool:
    return activation in {"softmax", "sigmoid"}


def _shares(outputs: Doubles) -> Doubles:
    """Outputs of one sigmoid for each class as shares of their sum; equal shares where all are 0."""
    sums = outputs.sum(axis=1, keepdims=True)
    return np.where(sums > 0, outputs / np.where(sums > 0, sums, 1), 1 / outputs.shape[1])


def _labelled(
    classes: Sequence[int | float | str], labels: Sequence[str], scores: Doubles, activation: ActivationName
) -> list[Prediction]:
    highest = [classes[number] for number in np.argmax(scores, axis=1).tolist()]
    if not _are_probabilities(activation):
        return [{"label": label} for label in highest]
    return [
        {"label": label, "probabilities": dict(zip(labels, row, strict=True))}
        for label, row in zip(highest, scores.tolist(), strict=True)
    ]


def _as_they_stand(frame: polars.DataFrame, names: Sequence[str]) -> Doubles:
    return np.column_stack([frame[name].to_numpy() for name in names])


def _places(values: Doubles, known: Doubles) -> Rows:
    """For each value its place among the known ones, which are sorted; -1 where it is none of them."""
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[places] == values, places, -1)


def _says_yes(values: polars.Series) -> NDArray[np.bool_]:
    words = values.cast(polars.String).str.to_lowercase()
    says_yes, says_no = (words.is_in(said).fill_null(value=True).to_numpy() for said in (YES, NO))
    says_nothing = ~(says_yes | says_no)
    if says_nothing.any():
        row = int(np.argmax(says_nothing))
        raise RowError(row, values.name, f"{shown(values[row])} is neither 1 or true nor 0 or false.")
    return np.asarray(says_yes)
