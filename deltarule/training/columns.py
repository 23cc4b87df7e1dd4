"""Which columns are predicted, learned from, or weigh the rows; and every reason why one of them can't be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deltarule.backprop.errors import Fault
from deltarule.training.disguises import disguise
from deltarule.training.naming import listed, no_such_column
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import (
    CATEGORIES_LIMIT,
    DISTINCT_LIMIT,
    CategoricalColumn,
    Column,
    NumericColumn,
    Schema,
)
from deltarule.training.tables.values import shown_name

CATEGORIES_WANTED = 100
"""A column of more different texts than this is learned from only when it is asked for by name."""

FEW_CATEGORIES = 10
"""So many different texts are categories even where the rows are hardly more."""

IDENTIFIERS = ("id", "index", "row", "row_id", "rowid", "uuid", "unnamed: 0")
"""Names, in small letters, of columns that only number the rows; so are those that end with _id."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The columns of a job, each kind in its order.

    Attributes:
        rows: of the table.
        as_they_stand: the targets are numbers of a two-dimensional array, to be compared with the outputs unchanged.
    """

    rows: int
    targets: tuple[Column, ...]
    features: tuple[Column, ...]
    sample_weight: NumericColumn | None
    as_they_stand: bool


def select(spec: Spec, schema: Schema) -> tuple[Selection, tuple[Fault, ...]]:
    """The columns that the job names or leaves to be chosen, and every fault found; what is faulty is left out."""
    faults: list[Fault] = []
    targets = _targets(spec, schema, faults)
    weight = _sample_weight(spec, schema, faults)
    taken = {column.name for column in targets} | ({weight.name} if weight else set())
    if spec.features is None:
        features = chosen_features(schema, taken)
        if not features and not faults:
            faults.append(Fault("/features", "No column is left to learn from; add columns, or name the features."))
    else:
        features = _named_features(spec.features, schema, taken, faults)
    return Selection(
        schema.rows, targets, features, weight, as_they_stand([column.name for column in targets], schema)
    ), tuple(faults)


def array_targets(schema: Schema) -> tuple[str, ...]:
    """The columns that came in the array `targets`; none of a format with named columns."""
    return () if schema.targets == "none" else tuple(name for name in schema.names if name.startswith("target_"))


def as_they_stand(targets: Sequence[str], schema: Schema) -> bool:
    """Whether these targets are columns of a two-dimensional array, which nothing is done to."""
    return schema.targets == "two_dimensional" and len(targets) > 0 and set(targets) <= set(array_targets(schema))


def chosen_features(schema: Schema, taken: set[str]) -> tuple[Column, ...]:
    """The columns to learn from where nobody says which: all that can teach something, in their order."""
    others = [column for column in schema.columns if column.name not in taken | set(array_targets(schema))]
    usable = [column for column in others if useless(column, schema) is None]
    if not usable:
        usable = [column for column in others if impossible(column) is None]
    return tuple(usable)


def useless(column: Column, schema: Schema) -> str | None:
    """Why a column is not learned from unless it is asked for by name; None where it is."""
    if schema.targets != "none":
        return None
    if (reason := impossible(column)) is not None:
        return reason
    present = schema.rows - column.missing
    if column.type == "categorical" and column.distinct > min(CATEGORIES_WANTED, max(FEW_CATEGORIES, present // 2)):
        return f"has {column.distinct} different texts in {present} rows"
    return "only numbers the rows" if _is_identifier(column, present) else None


def impossible(column: Column) -> str | None:
    """Why a column can't be learned from at all; None where it can."""
    if column.distinct == 0:
        return "has no values"
    if column.type == "categorical" and not column.categories:
        return f"has {column.distinct} different texts, which is more than {CATEGORIES_LIMIT}, or very long ones"
    return disguise(column) if column.type == "categorical" else None


def _is_identifier(column: Column, present: int) -> bool:
    name = column.name.casefold()
    is_named_so = name in IDENTIFIERS or name.endswith("_id")
    is_whole = column.type == "categorical" or column.whole_numbers
    return is_named_so and is_whole and column.distinct == min(present, DISTINCT_LIMIT) > FEW_CATEGORIES


def _targets(spec: Spec, schema: Schema, faults: list[Fault]) -> tuple[Column, ...]:
    names = spec.targets or array_targets(schema)
    if not names:
        faults.append(Fault("/target", f"Name the column to predict; the columns are {listed(schema.names)}."))
    is_list = isinstance(spec.target, tuple)
    pointers = [f"/target/{at}" if is_list else "/target" for at in range(len(names))]
    columns = list(_found(names, pointers, schema, faults))
    for column, pointer in columns:
        if column.distinct == 0:
            faults.append(Fault(pointer, f"Column {shown_name(column.name)} has no values to learn to predict."))
        elif column.type == "categorical" and (reason := disguise(column)) is not None:
            faults.append(Fault(pointer, f"Column {shown_name(column.name)} {reason}."))
    return tuple(column for column, _ in columns)


def _sample_weight(spec: Spec, schema: Schema, faults: list[Fault]) -> NumericColumn | None:
    if spec.sample_weight is None:
        return None
    pointer, name = "/sample_weight", shown_name(spec.sample_weight)
    for column, _ in _found((spec.sample_weight,), (pointer,), schema, faults):
        if column.name in (spec.targets or array_targets(schema)):
            faults.append(Fault(pointer, f"Column {name} is the target; it can't weigh the rows too."))
        elif column.type != "numeric" or column.minimum is None or column.minimum < 0 or column.maximum == 0:
            faults.append(Fault(pointer, f"Column {name} must hold weights: numbers from 0 up, and not all of them 0."))
        else:
            return column
    return None


def _named_features(names: Sequence[str], schema: Schema, taken: set[str], faults: list[Fault]) -> tuple[Column, ...]:
    pointers = [f"/features/{at}" for at in range(len(names))]
    columns = []
    for column, pointer in _found(names, pointers, schema, faults):
        if column.name in taken:
            detail = f"Column {shown_name(column.name)} is the target or the sample weight; take it off the features."
            faults.append(Fault(pointer, detail))
        elif (reason := impossible(column)) is not None:
            detail = f"Column {shown_name(column.name)} {reason}; take it off the features."
            faults.append(Fault(pointer, detail))
        else:
            columns.append(column)
    return tuple(columns)


def _found(
    names: Sequence[str], pointers: Sequence[str], schema: Schema, faults: list[Fault]
) -> Iterator[tuple[NumericColumn | CategoricalColumn, str]]:
    """The columns of these names with their pointers; a fault for each name that is none, or stood there before."""
    columns = {column.name: column for column in schema.columns}
    seen: set[str] = set()
    for name, pointer in zip(names, pointers, strict=True):
        if name not in columns:
            faults.append(Fault(pointer, no_such_column(name, schema.names)))
        elif name in seen:
            faults.append(Fault(pointer, f"Column {shown_name(name)} stands here twice; name it once."))
        else:
            yield columns[name], pointer
        seen.add(name)
