"""From a job and its table to samples: what only the rows can tell is found here, before anything is trained."""

import numpy as np
import polars

from deltarule.backprop.trainer import Samples
from deltarule.training import streaming
from deltarule.training.encoding import InputEncoding, Rows, conform, fit_inputs
from deltarule.training.errors import DataError
from deltarule.training.forming import Prepared, check_inputs, formed, needed, used_in_validation
from deltarule.training.metrics import Doubles
from deltarule.training.model import Form, Model
from deltarule.training.rows import usable_rows
from deltarule.training.sampling import inputs_and_targets, row_weights
from deltarule.training.spec import Spec
from deltarule.training.split import split
from deltarule.training.tables.schema import Table
from deltarule.training.tables.stream import Stream, stream_of
from deltarule.training.target_fitting import categorical_target, number_target
from deltarule.training.weighing import check_some_count, sample_weights

__all__ = ["Prepared", "check", "prepare"]


def check(spec: Spec, table: Table, validation: Table | None = None, continued: Model | None = None) -> None:
    """Everything that only the rows can tell, without training.

    Raises:
        DataError: as from `prepare`.
        SpecError: as from `prepare`.
    """
    prepare(spec, table, validation, continued)


def prepare(
    spec: Spec, table: Table | Stream, validation: Table | Stream | None = None, continued: Model | None = None
) -> Prepared:
    """Samples for a resolved job: in memory, or in a file that is mapped into it where the rows come in parts.

    The statistics of the columns are those of the training rows, and the split is settled by the seed, both ways; but
    parts are split by parts and their sums are joined, so that each way gives its own bits, the same each time.

    Args:
        spec: resolved for the table.
        table: the rows.
        validation: rows of the validation dataset, where the job has one.
        continued: the model to go on from; its encoding is kept.

    Raises:
        DataError: none of the rows are left, a value is missing that may not be, the loss does not take a target,
            training never sees a class, a number is too large.
        SpecError: the given weights of the first layer do not fit the inputs that the columns come to.
        ScratchError: the disk has too little room for rows that come in parts.
    """
    if isinstance(table, Stream) or isinstance(validation, Stream):
        other = None if validation is None else _streamed(validation)
        return streaming.prepare(spec, _streamed(table), other, continued)
    return _prepare(spec, table, validation, continued)


def _streamed(rows: Table | Stream) -> Stream:
    return rows if isinstance(rows, Stream) else stream_of(rows)


def _prepare(spec: Spec, table: Table, validation: Table | None, continued: Model | None) -> Prepared:
    frame = table.frame if continued is None else conform(table, continued.known_columns, "The model to go on from")
    usable = usable_rows(frame, spec.targets, needed(spec), spec.preprocessing.missing)
    target = categorical_target(spec, table) if continued is None else continued.form.target
    encoded = None if target is None else target.encode(frame)
    classes = None if target is None or encoded is None else target.strata(encoded)
    parts = split(
        len(usable.kept),
        spec.training.validation_fraction or 0.0,
        spec.training.seed,
        None if classes is None else classes[usable.kept],
    )
    learned, measured = (usable.kept[part] for part in parts)
    target = target or number_target(spec, table, learned)
    inputs = _inputs(spec, table, learned) if continued is None else continued.form.inputs
    definition, form = formed(spec, table.schema, inputs, target, continued)
    sizes = None if classes is None else np.bincount(classes[learned], minlength=len(form.target.labels))
    samples = _samples(spec, form, frame, usable.kept, sizes, encoded=encoded)
    other = _validation(spec, form, validation, sizes) if validation is not None else None
    if len(measured):
        other = _part(spec, samples, measured, "validation")
    return Prepared(definition, form, _part(spec, samples, learned, "training"), other, usable.counts, sizes)


def _inputs(spec: Spec, table: Table, rows: Rows) -> InputEncoding:
    return check_inputs(fit_inputs(table.frame, rows, spec.features or (), spec.preprocessing.standardize))


def _samples(
    spec: Spec,
    form: Form,
    frame: polars.DataFrame,
    rows: Rows,
    sizes: Rows | None,
    *,
    encoded: Doubles | None = None,
) -> Samples:
    """All rows of the frame as samples; only those numbered in `rows` are checked, the others may hold anything.

    `encoded`: the targets, where they are already.
    """
    inputs, targets = inputs_and_targets(form, frame, rows, encoded)
    if spec.sample_weight:
        sample_weights(frame[spec.sample_weight], rows)
    classes = form.target.strata(targets)
    weights = row_weights(spec, frame, rows, labels=form.target.labels, classes=classes, sizes=sizes)
    return Samples(inputs, targets.astype(form.definition.network.dtype), weights)


def _validation(spec: Spec, form: Form, table: Table, sizes: Rows | None) -> Samples:
    known = [form.table.column(name) for name in used_in_validation(spec, form)]
    try:
        frame = conform(table, known, "The job")
        rows = usable_rows(frame, spec.targets, needed(spec), spec.preprocessing.missing).kept
        return _part(spec, _samples(spec, form, frame, rows, sizes), rows, "validation")
    except DataError as error:
        raise DataError(f"In the validation data: {error}", "/training/validation_dataset_id") from error


def _part(spec: Spec, samples: Samples, rows: Rows, part: str) -> Samples:
    """The samples of these rows, of which at least one counts."""
    weights = None if samples.weights is None else samples.weights[rows]
    if weights is not None and spec.sample_weight is not None:
        check_some_count(weights, spec.sample_weight, part)
    return Samples(samples.inputs[rows], samples.targets[rows], weights)
