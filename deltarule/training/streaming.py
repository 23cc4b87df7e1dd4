"""Rows that do not fit in memory become samples in a file: read once, kept on disk, and gone through part by part.

Three times through what is kept: how many rows each class has; what the training rows are like; the samples. Nothing
that is held in between grows with the number of rows.
"""

from contextlib import ExitStack

import numpy as np
from polars import DataFrame

from deltarule.backprop.samples import Samples
from deltarule.training.division import Division, weights_of
from deltarule.training.encoding import InputEncoding, Inputs, Rows, conform_stream
from deltarule.training.errors import DataError
from deltarule.training.forming import Prepared, check_inputs, formed, needed, used_in_validation
from deltarule.training.kept import Kept, keep, located
from deltarule.training.metrics import Doubles
from deltarule.training.model import Form, Model
from deltarule.training.sampling import inputs_and_targets
from deltarule.training.scratch import SampleFile, Spool, check_room
from deltarule.training.spec import Spec
from deltarule.training.statistics import Statistics, WeightTally
from deltarule.training.tables.schema import Schema, Table
from deltarule.training.tables.stream import Stream
from deltarule.training.target_fitting import categorical_target, number_target_of
from deltarule.training.targets import Target

CELL_BYTES = 8

Tallies = tuple[WeightTally, WeightTally]
"""Of the weights of training rows, and of rows to validate on."""


def prepare(spec: Spec, table: Stream, validation: Stream | None, continued: Model | None) -> Prepared:
    """As `preparation.prepare`, for rows that come in parts."""
    check_room(sum(_bytes_on_disk(spec, each.schema) for each in (table, validation) if each is not None))
    rows = conform_stream(table, continued.known_columns, "The model to go on from") if continued else table
    with Spool() as spool:
        kept = keep(spec, rows, needed(spec), spool, () if continued else _listed(spec))
        target = continued.form.target if continued else categorical_target(spec, _distinct(table.schema, kept))
        division = Division(spec, kept, target, _width(spec, table.schema))
        statistics, tallies = _measured(spec, rows.schema, division)
        target = target or number_target_of(spec, statistics.moments)
        inputs = continued.form.inputs if continued else _inputs(spec, statistics)
        definition, form = formed(spec, table.schema, inputs, target, continued)
        learned, measured = _written(form, division, tallies)
    if validation is not None:
        measured = _validation(spec, form, validation, division.class_sizes)
    return Prepared(definition, form, learned, measured, kept.counts, division.class_sizes)


def _listed(spec: Spec) -> tuple[str, ...]:
    """The target whose values are the classes."""
    return spec.targets if spec.task == "classification" and len(spec.targets) == 1 else ()


def _distinct(schema: Schema, kept: Kept) -> Table:
    """A table of nothing but the values of the listed target, each once."""
    return Table(schema, DataFrame(list(kept.distinct.values())))


def _width(spec: Spec, schema: Schema) -> int:
    """Numbers that a row comes to as inputs and targets, at most."""
    inputs = sum(_numbers(schema, name) for name in spec.features or ())
    targets = sum(max(_numbers(schema, name), schema.column(name).distinct) for name in _listed(spec))
    return inputs + max(targets, len(spec.targets))


def _numbers(schema: Schema, name: str) -> int:
    column = schema.column(name)
    return 1 if column.type == "numeric" else len(column.categories)


def _bytes_on_disk(spec: Spec, schema: Schema) -> int:
    """What a file is unpacked to, what is kept of it, and what that becomes."""
    names = {*needed(spec), *spec.targets} & {*schema.names}
    unpacked = len(schema.columns) if schema.format == "parquet" else 0
    samples = np.dtype(spec.network.dtype).itemsize * (_width(spec, schema) + 1) if names else 0
    return schema.rows * (CELL_BYTES * (unpacked + len(names) + 1) + samples)


def _inputs(spec: Spec, statistics: Statistics) -> InputEncoding:
    columns = (statistics.input(name, spec.preprocessing.standardize) for name in spec.features or ())
    return check_inputs(InputEncoding(columns=tuple(columns)))


def _measured(spec: Spec, schema: Schema, division: Division) -> tuple[Statistics, Tallies]:
    """What the training rows are like, and what the weights of all rows come to."""
    statistics = Statistics(schema, tuple(dict.fromkeys((*(spec.features or ()), *spec.targets))))
    training, validation = WeightTally(), WeightTally()
    for part in division.parts():
        statistics.add(part.frame.filter(~part.is_validation))
        weights = division.weights(part)
        if weights is not None:
            training.add(weights[~part.is_validation])
            validation.add(weights[part.is_validation])
    _check(spec, training, division.training_rows, "training")
    _check(spec, validation, division.validation_rows, "validation")
    return statistics, (training, validation)


def _check(spec: Spec, tally: WeightTally, rows: int, part: str) -> None:
    if tally.count and rows:
        tally.check(spec.sample_weight, part)


def _written(form: Form, division: Division, tallies: Tallies) -> tuple[Samples, Samples | None]:
    """The samples to train on and those to validate on."""
    with ExitStack() as stack:
        training = stack.enter_context(_file(form, division.training_rows, tallies[0]))
        validation = None
        if division.validation_rows:
            validation = stack.enter_context(_file(form, division.validation_rows, tallies[1]))
        for part in division.parts():
            inputs, targets = _encoded(form, part.frame)
            weights = division.weights(part)
            for file, tally, chosen in zip(
                (training, validation), tallies, (~part.is_validation, part.is_validation), strict=True
            ):
                if file is not None:
                    own = None if weights is None else tally.scaled(weights[chosen])
                    file.add(inputs[chosen], targets[chosen], own)
        return training.samples(), None if validation is None else validation.samples()


def _encoded(form: Form, frame: DataFrame) -> tuple[Inputs, Doubles]:
    with located(frame):
        return inputs_and_targets(form, frame, np.arange(frame.height))


def _file(form: Form, rows: int, tally: WeightTally) -> SampleFile:
    dtype = form.definition.network.dtype
    return SampleFile(rows, form.inputs.width, form.target.width, weighted=tally.count > 0, dtype=dtype)


def _validation(spec: Spec, form: Form, table: Stream, sizes: Rows | None) -> Samples:
    known = [form.table.column(name) for name in used_in_validation(spec, form)]
    try:
        with Spool() as spool:
            kept = keep(spec, conform_stream(table, known, "The job"), needed(spec), spool)
            return _all_written(spec, form, kept, sizes)
    except DataError as error:
        raise DataError(f"In the validation data: {error}", "/training/validation_dataset_id") from error


def _all_written(spec: Spec, form: Form, kept: Kept, sizes: Rows | None) -> Samples:
    """All kept rows as samples."""
    width, tally = form.inputs.width + form.target.width, WeightTally()
    for frame in kept.parts(width):
        weights = _weights(spec, form.target, frame, sizes)
        if weights is not None:
            tally.add(weights)
    _check(spec, tally, kept.counts.kept, "validation")
    with _file(form, kept.counts.kept, tally) as file:
        for frame in kept.parts(width):
            weights = _weights(spec, form.target, frame, sizes)
            file.add(*_encoded(form, frame), None if weights is None else tally.scaled(weights))
        return file.samples()


def _weights(spec: Spec, target: Target, frame: DataFrame, sizes: Rows | None) -> Doubles | None:
    with located(frame):
        return weights_of(spec, target, frame, target.strata(target.encode(frame)), sizes)
