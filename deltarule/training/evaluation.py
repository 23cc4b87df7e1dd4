"""What a model is worth on rows from somewhere else, which are read part by part and never held as a whole."""

from collections.abc import Iterator

import numpy as np
import polars

from deltarule.backprop.errors import Fault
from deltarule.training.encoding import codes
from deltarule.training.errors import FAULTS_TOLD, RowsError
from deltarule.training.measuring import tally_of
from deltarule.training.metrics import Metrics
from deltarule.training.model import Model
from deltarule.training.naming import listed, no_such_column
from deltarule.training.rows import RowCounts, refuse_nothing_left, usable_part
from deltarule.training.tables.row_error import RowError
from deltarule.training.tables.schema import CategoricalColumn, NumericColumn, Schema
from deltarule.training.tables.stream import Stream
from deltarule.training.tables.values import counted, place, shown, shown_name
from deltarule.training.targets import ClassTarget

HOLDS = {"numeric": "numbers", "categorical": "texts"}


def fitted(model: Model, schema: Schema) -> Schema:
    """A dataset's description with the columns that the model needs, in the types that it knows them by.

    Raises:
        RowsError: naming each column that is not there, holds something else, or has gaps where the model takes none.
    """
    faults = [sentence for column in model.known_columns for sentence in _misfits(model, column, schema)]
    if faults:
        raise RowsError(Fault("", sentence) for sentence in faults)
    return schema.model_copy(update={"columns": model.known_columns})


def evaluate(model: Model, rows: Stream) -> Metrics:
    """The metrics on rows of the model's columns, and how many `rows` they are; those without a target are left out.

    Raises:
        RowsError: naming each class that the model does not know, with the first row that has it.
        DataError: no rows, a label that is neither yes nor no, a number too far from those of the training.
    """
    target, form = model.form.target, model.form
    counts = _counted(model, rows)
    refuse_nothing_left(counts, form.preprocessing.missing)
    tally, first_row = tally_of(target, counts.kept), 0
    for part in rows.parts():
        kept = usable_part(part, target.names, form.inputs.names, form.preprocessing.missing).kept
        try:
            targets = target.encode(part)[kept]
        except RowError as error:
            raise error.at(first_row + error.row) from error
        if len(kept):
            tally.add(*target.compared(targets, model.outputs(part, first_row)[kept], model.output_activation))
        first_row += part.height
    return tally.metrics() | {"rows": counts.kept}


def _misfits(model: Model, column: NumericColumn | CategoricalColumn, schema: Schema) -> Iterator[str]:
    name = shown_name(column.name)
    if column.name not in schema.names:
        yield f"The model needs column {name}. {no_such_column(column.name, schema.names)}"
        return
    found = schema.column(column.name)
    if found.type != column.type and found.missing < schema.rows:
        yield f"The model knows column {name} as {HOLDS[column.type]}, and here it holds {HOLDS[found.type]}."
    if found.missing and model.form.preprocessing.missing == "error":
        gaps = counted(found.missing, "value")
        yield f"Column {name} misses {gaps}, and the model was trained on rows that miss none."


def _counted(model: Model, rows: Stream) -> RowCounts:
    """How many rows can be used."""
    target, form = model.form.target, model.form
    counts, unknown, first_row = RowCounts(), dict[str, str](), 0
    for part in rows.parts():
        if isinstance(target, ClassTarget) and len(unknown) < FAULTS_TOLD:
            for text, sentence in _unknown(target, part[target.name], first_row):
                unknown.setdefault(text, sentence)
        counts += usable_part(part, target.names, form.inputs.names, form.preprocessing.missing).counts
        first_row += part.height
    if unknown:
        raise RowsError(Fault("", sentence) for sentence in unknown.values())
    return counts


def _unknown(target: ClassTarget, values: polars.Series, first_row: int) -> Iterator[tuple[str, str]]:
    """Each class that is none of the model's, and a sentence that says where it stands first."""
    if values.dtype == polars.String:
        known = codes(values, target.labels) >= 0
    else:
        known = np.isin(values.to_numpy(), np.array(target.classes, np.float64))
    strange = values.to_frame("value").with_row_index("row").filter(polars.Series(~known) & values.is_not_null())
    for row, value in strange.unique("value", keep="first").sort("row").head(FAULTS_TOLD).iter_rows():
        text = f"{value:g}" if isinstance(value, float) else shown(value)
        where = place(target.name, first_row + row + 1)
        yield text, f"{where}: {text} is no class of the model's; its classes are {listed(target.labels)}."
