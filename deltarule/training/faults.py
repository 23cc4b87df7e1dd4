"""What can be said against a job before a row is read: a task, loss or option that its target does not take."""

from collections.abc import Iterator

from deltarule.backprop.errors import Fault
from deltarule.backprop.interval import REAL, Interval
from deltarule.backprop.losses import LOSSES
from deltarule.training.columns import Selection
from deltarule.training.naming import listed
from deltarule.training.spec import Spec
from deltarule.training.tables.documents import escaped
from deltarule.training.tables.schema import CATEGORIES_LIMIT, Column
from deltarule.training.tables.values import shown, shown_name
from deltarule.training.tasks import (
    TWO_CLASSES,
    Aim,
    number_of_classes,
    output_layer,
    says_yes_or_no,
    within,
)


def source_faults(spec: Spec) -> Iterator[Fault]:
    """Rows come from one place, which is named."""
    if spec.dataset_id is None and spec.data is None:
        yield Fault("", 'Say where the rows come from: give "dataset_id", or a small dataset as "data".')
    if spec.dataset_id is not None and spec.data is not None:
        yield Fault("/data", 'Rows come from one place: give "dataset_id" or "data", not both.')


def aim_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    """Everything that keeps this aim from fitting the target."""
    yield from _target_faults(spec, selection, aim)
    yield from _scaling_faults(spec, selection, aim)
    yield from loss_faults(spec, selection, aim)
    yield from _class_weight_faults(spec, selection, aim)


def plan_faults(spec: Spec, rows: int) -> Iterator[Fault]:
    """Validation rows are taken from somewhere, and leave some to train on."""
    plan = spec.training
    if plan.validation_dataset_id is not None and plan.validation_fraction:
        yield Fault(
            "/training/validation_fraction",
            "Validate on a part of the rows or on another dataset, not both: set this to 0, or leave it out.",
        )
    elif plan.validation_fraction and rows == 1:
        yield Fault("/training/validation_fraction", "A single row can't be split; set this to 0, or leave it out.")


def _target_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    if aim.task == "classification":
        yield from _class_faults(spec, selection, aim)
        return
    fits = says_yes_or_no if aim.task == "multilabel" else _is_numeric
    for at, column in enumerate(selection.targets):
        if selection.as_they_stand or fits(column):
            continue
        detail = (
            "multilabel takes columns of 0 and 1, or of true and false"
            if aim.task == "multilabel"
            else "regression takes numbers; one column of texts is a target for classification"
        )
        pointer = f"/target/{at}" if isinstance(spec.target, tuple) else "/target"
        yield Fault(pointer, f"Column {shown_name(column.name)} holds {_content(column)}, but {detail}.")


def _class_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    target, units = selection.targets[0], output_layer(spec).units
    pointer = "/task" if spec.task else "/target"
    if selection.as_they_stand:
        if len(selection.targets) == 1 and not any(within(target, low, 1) for low in (0, -1)):
            yield Fault(pointer, "A single column of a two-dimensional array is a class only where it holds 0 and 1.")
        return
    if len(selection.targets) > 1:
        yield Fault(pointer, "classification predicts one column; give one target, or the task multilabel.")
    elif (target.type == "categorical" and not target.categories) or target.distinct > CATEGORIES_LIMIT:
        yield Fault("/target", f"Column {shown_name(target.name)} has {_content(target)}: too many to be classes.")
    elif units not in {None, aim.outputs}:
        one = " (or 1)" if number_of_classes(selection) == TWO_CLASSES else ""
        yield Fault(
            f"{_output_pointer(spec)}/units",
            f"The output layer has one unit for each class of {shown_name(target.name)}: {aim.outputs}{one}, "
            f"not {units}. It may be left out.",
        )
    elif aim.loss == "cross_entropy" and aim.outputs < number_of_classes(selection):
        yield Fault(
            f"{_output_pointer(spec)}/units",
            "cross_entropy needs one unit for each of the two classes; give 2 units, or use log_loss.",
        )


def _scaling_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    pointer = "/preprocessing/standardize_target"
    if not spec.preprocessing.standardize_target:
        return
    if aim.task != "regression":
        yield Fault(pointer, f"Only numbers can be standardized, and this is {aim.task}; set it to false.")
    elif selection.as_they_stand:
        yield Fault(pointer, "Two-dimensional targets are taken as they stand; set it to false, or name columns.")
    elif LOSSES[aim.loss].targets != REAL:
        yield Fault(pointer, f"{aim.loss} takes targets that are {LOSSES[aim.loss].targets}; set it to false.")


def loss_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    """Targets that the loss is not defined for, as far as the columns' ranges tell."""
    if aim.task == "regression" and aim.loss == "cross_entropy" and not selection.as_they_stand:
        yield Fault("/loss/name", "cross_entropy is for classes; numbers take squared_error, huber or another loss.")
        return
    takes_columns_unchanged = selection.as_they_stand or (aim.task == "regression" and not aim.scales_target)
    allowed = LOSSES[aim.loss].targets
    for column in selection.targets if takes_columns_unchanged else ():
        if column.type == "categorical" or column.minimum is None or column.maximum is None:
            continue
        if not allowed.contains(Interval(column.minimum, column.maximum)):
            yield Fault(
                "/loss/name",
                f"{aim.loss} takes targets that are {allowed}, and column {shown_name(column.name)} goes from "
                f"{column.minimum:g} to {column.maximum:g}; choose another loss, or rescale the column.",
            )
            return


def _class_weight_faults(spec: Spec, selection: Selection, aim: Aim) -> Iterator[Fault]:
    weights = spec.training.class_weight
    if weights is not None and aim.task != "classification":
        yield Fault("/training/class_weight", f"Only classes can be weighed, and this is {aim.task}; leave it out.")
    elif isinstance(weights, dict) and (labels := _labels(selection)) is not None:
        for name in (name for name in weights if name not in labels):
            pointer = f"/training/class_weight/{escaped(name)}"
            yield Fault(pointer, f"{shown(name)} is no class; the classes are {listed(labels)}.")


def _labels(selection: Selection) -> tuple[str, ...] | None:
    """The classes by name; None where only the rows tell them."""
    if selection.as_they_stand and len(selection.targets) > 1:
        return tuple(column.name for column in selection.targets)
    target = selection.targets[0]
    return target.categories if target.type == "categorical" else None


def _output_pointer(spec: Spec) -> str:
    return f"/network/layers/{len(spec.network.layers or ()) - 1}"


def _is_numeric(column: Column) -> bool:
    return column.type == "numeric"


def _content(column: Column) -> str:
    return f"{column.distinct} different {'texts' if column.type == 'categorical' else 'numbers'}"
