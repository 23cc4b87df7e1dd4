"""What the target asks for: a class, numbers or labels; and which outputs and which loss that takes.

What the job says decides; what it leaves open is read from the loss, from the output layer, and then from the target.
"""

from dataclasses import dataclass

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.architecture import ActivationName, Layer, LossName
from deltarule.backprop.interval import REAL
from deltarule.backprop.losses import LOSSES
from deltarule.training.columns import Selection
from deltarule.training.spec import Spec, TaskName
from deltarule.training.tables.schema import CATEGORIES_LIMIT, Column, NumericColumn
from deltarule.training.targets import NO, YES

CLASSES_WANTED = 20
"""A column of more different whole numbers is numbers, not classes, unless the job says so."""

ROWS_FOR_A_CLASS = 5
"""Whole numbers other than 0 and 1 are classes only where there are at least so many rows for each of them."""

TWO_CLASSES = 2

_OF_NUMBERS: frozenset[LossName] = frozenset({"absolute_error", "huber", "log_cosh", "poisson"})
_OF_CLASSES: frozenset[LossName] = frozenset({"cross_entropy", "log_loss", "hinge"})
_SQUASHING: frozenset[ActivationName] = frozenset({"softmax", "sigmoid", "tanh", "softsign"})


@dataclass(frozen=True, slots=True)
class Aim:
    """What the network is to answer.

    Attributes:
        task: one class for each row, numbers, or any of several labels.
        outputs: units of the output layer.
        loss: what is minimized.
        activation: of the output layer.
        scales_target: whether target columns are standardized.
    """

    task: TaskName
    outputs: int
    loss: LossName
    activation: ActivationName
    scales_target: bool


def aim(spec: Spec, selection: Selection) -> Aim:
    """What the job aims at; there are targets."""
    task = spec.task or _task(spec, selection)
    outputs = _outputs(spec, selection, task)
    decides = task == "classification" and outputs == 1 and number_of_classes(selection) == TWO_CLASSES
    loss = spec.loss.name if spec.loss else _loss(output_layer(spec).activation, task, decides)
    activation = output_layer(spec).activation or _activation(loss, task, decides)
    asked = spec.preprocessing.standardize_target
    scales = can_scale(task, loss, activation, selection) if asked is None else asked
    return Aim(task, outputs, loss, activation, scales)


def output_layer(spec: Spec) -> Layer:
    """The output layer as far as the job names it."""
    return spec.network.layers[-1] if spec.network.layers else Layer()


def number_of_classes(selection: Selection) -> int:
    """Classes of a classification: of a column those it holds, of arrays one for each column, of a single one two."""
    if selection.as_they_stand:
        return max(len(selection.targets), TWO_CLASSES)
    return selection.targets[0].distinct


def can_scale(task: TaskName, loss: LossName, activation: ActivationName, selection: Selection) -> bool:
    """Whether standardized targets make sense: numbers of columns, for a loss and outputs that take any number."""
    takes_any = LOSSES[loss].targets == REAL and ACTIVATIONS[activation].range == REAL
    return task == "regression" and not selection.as_they_stand and takes_any


def within(column: Column, low: float, high: float) -> bool:
    """Whether a column holds whole numbers from low to high, and nothing else."""
    if column.type == "categorical" or column.minimum is None or column.maximum is None:
        return False
    return column.whole_numbers and low <= column.minimum and column.maximum <= high


def says_yes_or_no(column: Column) -> bool:
    """Whether a column says of each row if it has a label."""
    if column.type == "numeric":
        return within(column, 0, 1)
    return {category.lower() for category in column.categories} <= set(YES + NO)


def looks_like_classes(column: NumericColumn, rows: int) -> bool:
    """Whether whole numbers are so few different ones, each so often, that they name classes."""
    few = column.distinct <= CLASSES_WANTED and column.distinct * ROWS_FOR_A_CLASS <= rows - column.missing
    return column.whole_numbers and (few or within(column, 0, 1))


def _task(spec: Spec, selection: Selection) -> TaskName:
    if selection.as_they_stand:
        return _task_of_arrays(spec, selection.targets)
    if len(selection.targets) > 1:
        return "multilabel" if all(map(says_yes_or_no, selection.targets)) else "regression"
    return _task_of_column(spec, selection.targets[0], selection.rows)


def _task_of_arrays(spec: Spec, targets: tuple[Column, ...]) -> TaskName:
    loss, activation = spec.loss.name if spec.loss else None, output_layer(spec).activation
    several, indicators = len(targets) > 1, all(within(target, 0, 1) for target in targets)
    if loss == "cross_entropy" or activation == "softmax":
        return "classification" if several else "regression"
    if loss == "hinge":
        return "multilabel" if several else "classification"
    if not indicators or activation not in {"sigmoid", None} or loss not in {"log_loss", None}:
        return "classification" if indicators and activation == "sigmoid" and not several else "regression"
    one_hot = loss is None and activation is None and _are_one_hot(targets)
    return "multilabel" if several and not one_hot else "classification"


def _task_of_column(spec: Spec, target: Column, rows: int) -> TaskName:
    loss, output = spec.loss.name if spec.loss else None, output_layer(spec)
    if target.type == "categorical":
        return "classification"
    if not target.whole_numbers or target.distinct > CATEGORIES_LIMIT or loss in _OF_NUMBERS:
        return "regression"
    if loss in _OF_CLASSES or output.activation == "softmax":
        return "classification"
    if output.activation not in _SQUASHING | {None} or (output.units == 1 and target.distinct > TWO_CLASSES):
        return "regression"
    if output.units is not None and output.units == target.distinct > 1:
        return "classification"
    return "classification" if looks_like_classes(target, rows) else "regression"


def _are_one_hot(targets: tuple[Column, ...]) -> bool:
    """Whether columns of 0 and 1 hold one 1 in each row, as far as their means can tell."""
    means = [target.mean for target in targets if target.type == "numeric" and target.mean is not None]
    return len(means) > 1 and abs(sum(means) - 1) < 1e-9  # noqa: PLR2004


def _outputs(spec: Spec, selection: Selection, task: TaskName) -> int:
    if task != "classification" or selection.as_they_stand:
        return len(selection.targets)
    classes, output = number_of_classes(selection), output_layer(spec)
    if classes != TWO_CLASSES:
        return classes
    if output.units is not None:
        return 1 if output.units == 1 else classes
    loss = spec.loss.name if spec.loss else None
    decides = loss in {"log_loss", "hinge"} or output.activation not in {"softmax", None}
    return 1 if decides and loss != "cross_entropy" else classes


def _loss(activation: ActivationName | None, task: TaskName, decides: bool) -> LossName:
    """The loss for an output layer; `decides`: a single output decides between two classes."""
    if task == "regression":
        return "squared_error"
    if activation is None:
        return "log_loss" if decides or task == "multilabel" else "cross_entropy"
    losses: dict[ActivationName, LossName] = {"sigmoid": "log_loss", "softmax": "cross_entropy"}
    return losses.get(activation, "squared_error")


def _activation(loss: LossName, task: TaskName, decides: bool) -> ActivationName:
    """The output activation for a loss; classes and labels want probabilities wherever the loss takes them."""
    if task == "regression" or loss in {"cross_entropy", "log_loss", "hinge"}:
        return LOSSES[loss].activation
    return "sigmoid" if decides or task == "multilabel" else "softmax"
