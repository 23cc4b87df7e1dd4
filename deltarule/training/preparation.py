"""From a job and its table to samples: what only the rows can tell is found here, before anything is trained."""

from dataclasses import dataclass

import numpy as np
import polars

from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import DefinitionError
from deltarule.backprop.losses import target_fault
from deltarule.backprop.trainer import Samples
from deltarule.training.encoding import InputEncoding, Rows, check_range, conform, fit_inputs
from deltarule.training.errors import DataError, SpecError
from deltarule.training.formulation import definition_of
from deltarule.training.metrics import Doubles
from deltarule.training.model import Form, Model, without_weights
from deltarule.training.rows import Usable, usable_rows
from deltarule.training.spec import Spec
from deltarule.training.split import split
from deltarule.training.tables.schema import Table
from deltarule.training.tables.values import place
from deltarule.training.target_fitting import categorical_target, number_target
from deltarule.training.targets import Target
from deltarule.training.weighing import check_some_count, class_weights, sample_weights


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training run before its first step.

    Attributes:
        definition: what is trained, with the weights that training starts from.
        form: the model to be, without its parameters.
        training: what is learned from.
        validation: what is measured on; None where there are no rows for it.
        usable: which rows of the table were used.
        class_sizes: training rows of each class; None where there are no classes.
    """

    definition: Definition
    form: Form
    training: Samples
    validation: Samples | None
    usable: Usable
    class_sizes: Rows | None


def check(spec: Spec, table: Table, validation: Table | None = None, continued: Model | None = None) -> None:
    """Everything that only the rows can tell, without training.

    Raises:
        DataError: as from `prepare`.
        SpecError: as from `prepare`.
    """
    prepare(spec, table, validation, continued)


def prepare(spec: Spec, table: Table, validation: Table | None = None, continued: Model | None = None) -> Prepared:
    """Samples for a resolved job.

    Args:
        spec: resolved for the table.
        table: the rows.
        validation: rows of the validation dataset, where the job has one.
        continued: the model to go on from; its encoding is kept.

    Raises:
        DataError: none of the rows are left, a value is missing that may not be, the loss does not take a target,
            training never sees a class, a number is too large.
        SpecError: the given weights of the first layer do not fit the inputs that the columns come to.
    """
    frame = table.frame if continued is None else conform(table, continued.known_columns, "The model to go on from")
    usable = usable_rows(frame, spec.targets, _needed(spec), spec.preprocessing.missing)
    target = categorical_target(spec, table) if continued is None else continued.form.target
    classes = None if target is None else target.strata(target.encode(frame))
    parts = split(
        len(usable.kept),
        spec.training.validation_fraction or 0.0,
        spec.training.seed,
        None if classes is None else classes[usable.kept],
    )
    learned, measured = (usable.kept[part] for part in parts)
    target = target or number_target(spec, table, learned)
    inputs = _inputs(spec, table, learned) if continued is None else continued.form.inputs
    definition = _definition(spec, inputs, target, continued)
    form = Form(
        definition=without_weights(definition),
        task=spec.task or "regression",
        preprocessing=spec.preprocessing,
        inputs=inputs,
        target=target,
        table=table.schema if continued is None else continued.form.table,
    )
    sizes = None if classes is None else np.bincount(classes[learned], minlength=len(form.target.labels))
    samples = _samples(spec, form, frame, usable.kept, sizes)
    other = _validation(spec, form, validation, sizes) if validation is not None else None
    if len(measured):
        other = _part(spec, samples, measured, "validation")
    return Prepared(definition, form, _part(spec, samples, learned, "training"), other, usable, sizes)


def _needed(spec: Spec) -> tuple[str, ...]:
    """The columns besides the target that a complete row has a value in."""
    return (*(spec.features or ()), *((spec.sample_weight,) if spec.sample_weight else ()))


def _inputs(spec: Spec, table: Table, rows: Rows) -> InputEncoding:
    inputs = fit_inputs(table.frame, rows, spec.features or (), spec.preprocessing.standardize)
    if not inputs.width:
        raise DataError("No feature has a value in the training rows; there is nothing to learn from.", "/features")
    return inputs


def _definition(spec: Spec, inputs: InputEncoding, target: Target, continued: Model | None) -> Definition:
    try:
        return definition_of(spec, continued).resolve(inputs.width, target.width)
    except DefinitionError as error:
        raise SpecError(error.faults) from error


def _samples(spec: Spec, form: Form, frame: polars.DataFrame, rows: Rows, sizes: Rows | None) -> Samples:
    """All rows of the frame as samples; only those numbered in `rows` are checked, the others may hold anything."""
    dtype = form.definition.network.dtype
    inputs = form.inputs.encode(frame, dtype)
    targets = form.target.encode(frame)
    fault = target_fault(form.definition.loss.name, targets[rows])
    if fault is not None:
        row, column, sentence = fault
        name = form.target.names[min(column, len(form.target.names) - 1)]
        raise DataError(f"{place(name, int(rows[row]) + 1)}: {sentence}", "/loss/name")
    for name, column_of in zip(form.target.names, targets.T, strict=False):
        check_range(column_of[:, np.newaxis], dtype, name)
    own = sample_weights(frame[spec.sample_weight], rows) if spec.sample_weight else None
    by_class = _class_weights(spec, form.target, targets, sizes)
    weights = own if by_class is None else by_class if own is None else own * by_class
    return Samples(inputs, targets.astype(dtype), weights)


def _class_weights(spec: Spec, target: Target, targets: Doubles, sizes: Rows | None) -> Doubles | None:
    """The weight of each row's class."""
    classes = target.strata(targets)
    if spec.training.class_weight is None or sizes is None or classes is None:
        return None
    return class_weights(spec.training.class_weight, sizes, target.labels)[classes]


def _validation(spec: Spec, form: Form, table: Table, sizes: Rows | None) -> Samples:
    names = (*form.inputs.names, *form.target.names, *((spec.sample_weight,) if spec.sample_weight else ()))
    known = [form.table.column(name) for name in names]
    try:
        frame = conform(table, known, "The job")
        rows = usable_rows(frame, spec.targets, _needed(spec), spec.preprocessing.missing).kept
        return _part(spec, _samples(spec, form, frame, rows, sizes), rows, "validation")
    except DataError as error:
        raise DataError(f"In the validation data: {error}", "/training/validation_dataset_id") from error


def _part(spec: Spec, samples: Samples, rows: Rows, part: str) -> Samples:
    """The samples of these rows, of which at least one counts."""
    weights = None if samples.weights is None else samples.weights[rows]
    if weights is not None and spec.sample_weight is not None:
        check_some_count(weights, spec.sample_weight, part)
    return Samples(samples.inputs[rows], samples.targets[rows], weights)
