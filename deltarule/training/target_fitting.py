"""How the target is to be encoded: its classes are those of the whole table, its mean that of the training rows."""

from collections.abc import Callable

import polars

from deltarule.training.columns import as_they_stand
from deltarule.training.encoding import Rows, moments
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import NumericColumn, Table
from deltarule.training.targets import ClassTarget, IndicatorTarget, LabelsTarget, NumberTarget


def categorical_target(spec: Spec, table: Table) -> ClassTarget | IndicatorTarget | LabelsTarget | None:
    """The encoding of classes or labels for a resolved job; None for numbers, whose encoding depends on the split."""
    stands = as_they_stand(spec.targets, table.schema)
    low = -1.0 if spec.loss is not None and spec.loss.name == "hinge" else 0.0
    if spec.task == "multilabel":
        return LabelsTarget(names=spec.targets, as_they_stand=stands, low=low)
    if spec.task != "classification":
        return None
    if stands and len(spec.targets) > 1:
        return IndicatorTarget(names=spec.targets)
    (name,) = spec.targets
    if stands:
        column = table.schema.column(name)
        has_minus = isinstance(column, NumericColumn) and (column.minimum or 0) < 0
        low = -1.0 if has_minus else low
        return ClassTarget(name=name, classes=(int(low), 1), width=1, low=low)
    return ClassTarget(name=name, classes=_classes(table.frame[name]), width=_units(spec, table, name), low=low)


def number_target(spec: Spec, table: Table, rows: Rows) -> NumberTarget:
    """The encoding of numbers for a resolved job; standardized by the training rows where the job says so."""
    return number_target_of(spec, lambda name: moments(table.frame[name].gather(rows).to_numpy()))


def number_target_of(spec: Spec, moments_of: Callable[[str], tuple[float, float]]) -> NumberTarget:
    """The same, where mean and standard deviation of a target's training rows are found by its name."""
    count = len(spec.targets)
    if not spec.preprocessing.standardize_target:
        return NumberTarget(names=spec.targets, means=(0.0,) * count, standard_deviations=(1.0,) * count)
    means, deviations = zip(*map(moments_of, spec.targets), strict=True)
    return NumberTarget(names=spec.targets, means=means, standard_deviations=tuple(one or 1.0 for one in deviations))


def _classes(values: polars.Series) -> tuple[int | float | str, ...]:
    present = sorted(value for value in values.unique() if value is not None)
    if values.dtype == polars.String:
        return tuple(present)
    whole = all(value.is_integer() for value in present)
    return tuple(int(value) if whole else value for value in present)


def _units(spec: Spec, table: Table, name: str) -> int:
    units = spec.network.layers[-1].units if spec.network.layers else None
    return units if units is not None else table.schema.column(name).distinct
