"""Rows of a frame become samples; what keeps one of them from it is told with its row."""

from collections.abc import Sequence

import numpy as np
import polars

from deltarule.backprop.losses import target_fault
from deltarule.training.encoding import Inputs, Rows, check_range
from deltarule.training.metrics import Doubles
from deltarule.training.model import Form
from deltarule.training.spec import Spec
from deltarule.training.tables.row_error import RowError
from deltarule.training.weighing import class_weights, usable_weights


def inputs_and_targets(
    form: Form, frame: polars.DataFrame, rows: Rows, targets: Doubles | None = None
) -> tuple[Inputs, Doubles]:
    """All rows of the frame, encoded; only those numbered in `rows` are checked, the others may hold anything.

    `targets`: the targets, where somebody has encoded them before.

    Raises:
        RowError: a number is too large for the dtype, the loss does not take a target, or a class is none of the known.
    """
    dtype = form.definition.network.dtype
    inputs = form.inputs.encode(frame, dtype)
    if targets is None:
        targets = form.target.encode(frame)
    fault = target_fault(form.definition.loss.name, targets[rows])
    if fault is not None:
        row, column, sentence = fault
        name = form.target.names[min(column, len(form.target.names) - 1)]
        raise RowError(int(rows[row]), name, sentence, "/loss/name")
    for name, column_of in zip(form.target.names, targets.T, strict=False):
        check_range(column_of[:, np.newaxis], dtype, name)
    return inputs, targets


def row_weights(
    spec: Spec,
    frame: polars.DataFrame,
    rows: Rows,
    *,
    labels: Sequence[str],
    classes: Rows | None,
    sizes: Rows | None,
) -> Doubles | None:
    """The weight of each row of the frame: its own, that of its class, both multiplied, or None.

    Args:
        spec: of the job.
        frame: with the column of weights, if there is one.
        rows: the numbers of those that are used; the weights of the others may be anything.
        labels: the classes by name.
        classes: the number of each row's class; None where there are no classes.
        sizes: training rows of each class.

    Raises:
        RowError: a weight is missing or negative.
        DataError: a weight is given for a class that is none.
    """
    own = usable_weights(frame[spec.sample_weight], rows) if spec.sample_weight else None
    if spec.training.class_weight is None or sizes is None or classes is None:
        return own
    by_class = class_weights(spec.training.class_weight, sizes, labels)[classes]
    return by_class if own is None else own * by_class
