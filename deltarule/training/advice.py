"""What a user should know who got no error: plain sentences about choices, rows and losses."""

from collections.abc import Iterator

import numpy as np

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.interval import Interval
from deltarule.training.columns import array_targets, useless
from deltarule.training.naming import listed
from deltarule.training.preparation import Prepared
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import NumericColumn, Schema
from deltarule.training.tables.values import shown, shown_name
from deltarule.training.tasks import within

GOES_ON_OTHERWISE = (
    "The run goes on with another version of the kernels, of their libraries or on another kind of processor than it "
    "began with: its last bits may differ from those of a run that was not interrupted."
)

FAR = 10.0
"""Unscaled features whose values lie beyond this slow the training down, or make it diverge."""

SHOWN = 10
"""Columns left out that a sentence tells of."""

MANY_MISSING = 0.3
"""A column that misses more than this share of its values is worth a word."""


def about_choices(posted: Spec, resolved: Spec, schema: Schema) -> tuple[str, ...]:
    """Sentences on what was chosen for a job that left it open, told from the job as posted and as resolved."""
    return (
        *_on_task(posted, resolved, schema),
        *_on_columns_left_out(posted, resolved, schema),
        *_on_missing(resolved, schema),
        *_on_scale(resolved, schema),
        *_on_reach(resolved, schema),
        *_on_early_stopping(posted, resolved),
    )


def about_rows(spec: Spec, prepared: Prepared) -> tuple[str, ...]:
    """Sentences on the rows of a run: those left out, classes that have hardly any, none to validate on."""
    return (*_on_rows_left_out(spec, prepared), *_on_classes(prepared), *_on_validation(spec, prepared))


def about_losses(first: float | None, lowest: float | None, epochs: int) -> tuple[str, ...]:
    """A sentence on a training loss that never fell below that of the first epoch."""
    if first is None or lowest is None or epochs < 2 or lowest < first:  # noqa: PLR2004
        return ()
    return (
        f"The training loss never fell below that of the first epoch ({first:.4g}): try another learning rate, "
        "look at the scale of the features, or check that they say anything about the target.",
    )


def _on_task(posted: Spec, resolved: Spec, schema: Schema) -> Iterator[str]:
    if posted.task is not None or posted.network.model_id is not None or resolved.task != "classification":
        return
    column = schema.column(resolved.targets[0])
    if isinstance(column, NumericColumn) and schema.targets != "two_dimensional" and not within(column, 0, 1):
        yield (
            f"The {column.distinct} whole numbers in column {shown_name(column.name)} are taken as classes; "
            'set "task" to "regression" if they are amounts.'
        )


def _on_columns_left_out(posted: Spec, resolved: Spec, schema: Schema) -> Iterator[str]:
    if posted.features is not None or posted.network.model_id is not None:
        return
    used = {*resolved.targets, *(resolved.features or ()), resolved.sample_weight, *array_targets(schema)}
    reasons = [(column.name, useless(column, schema)) for column in schema.columns if column.name not in used]
    told = [f"{shown_name(name)} {reason}" for name, reason in reasons]
    if told:
        more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        yield f"Not learned from: {'; '.join(told[:SHOWN])}{more}. Name the features to choose them yourself."


def _on_missing(resolved: Spec, schema: Schema) -> Iterator[str]:
    if resolved.preprocessing.missing != "impute":
        return
    gaps = [name for name in resolved.features or () if schema.column(name).missing > MANY_MISSING * schema.rows]
    if gaps:
        yield f"Many values are missing in {listed(gaps)}; what is imputed there teaches little."


def _on_scale(resolved: Spec, schema: Schema) -> Iterator[str]:
    if resolved.preprocessing.standardize:
        return
    for name in resolved.features or ():
        column = schema.column(name)
        if isinstance(column, NumericColumn) and _farthest(column) > FAR:
            yield (
                f"Features are not standardized, and column {shown_name(name)} goes from {column.minimum:g} to "
                f"{column.maximum:g}; training may be slow or diverge. Set standardize to true, or rescale the data."
            )
            return


def _on_reach(resolved: Spec, schema: Schema) -> Iterator[str]:
    """Numbers that the output activation can't come to."""
    activation = resolved.network.layers[-1].activation if resolved.network.layers else None
    if resolved.task != "regression" or resolved.preprocessing.standardize_target or activation is None:
        return
    reach = ACTIVATIONS[activation].range
    for name in resolved.targets:
        column = schema.column(name)
        if not isinstance(column, NumericColumn) or column.minimum is None or column.maximum is None:
            continue
        if column.minimum < reach.low or column.maximum > reach.high:
            yield (
                f"Column {shown_name(name)} goes from {column.minimum:g} to {column.maximum:g}, and {activation} "
                f"outputs are {Interval(reach.low, reach.high)}; use identity, or rescale the target."
            )


def _on_early_stopping(posted: Spec, resolved: Spec) -> Iterator[str]:
    if posted.training.early_stopping is not None and resolved.training.early_stopping is None:
        yield "Early stopping is off: it watches the validation loss, and there are no validation rows."


def _on_rows_left_out(spec: Spec, prepared: Prepared) -> Iterator[str]:
    usable = prepared.usable
    rows = usable.kept + usable.without_target + usable.incomplete
    if usable.without_target:
        target = f"column {shown_name(spec.targets[0])}" if len(spec.targets) == 1 else "a target column"
        yield f"{_of_rows(usable.without_target, rows)} no value in {target}, left out of the training."
    if usable.incomplete:
        yield f"{_of_rows(usable.incomplete, rows)} a value missing, left out of the training."


def _on_classes(prepared: Prepared) -> Iterator[str]:
    if prepared.class_sizes is None:
        return
    labels = np.array(prepared.form.target.labels)
    present = labels[prepared.class_sizes > 0]
    if len(present) == 1:
        yield f"All training rows have the class {shown(str(present[0]))}; there is nothing to tell it from."
    single = labels[prepared.class_sizes == 1].tolist()
    if single:
        yield f"A single training row is too little to learn a class from: {listed(single)}."
    absent = labels[prepared.class_sizes == 0].tolist()
    if absent:
        yield f"No training row has the class {listed(absent)}."


def _on_validation(spec: Spec, prepared: Prepared) -> Iterator[str]:
    if spec.training.validation_fraction and prepared.validation is None:
        yield "No rows could be spared for validation, so there is no validation loss."


def _farthest(column: NumericColumn) -> float:
    return max(abs(column.minimum or 0.0), abs(column.maximum or 0.0))


def _of_rows(count: int, rows: int) -> str:
    return f"{count} of {rows} rows {'has' if count == 1 else 'have'}"
