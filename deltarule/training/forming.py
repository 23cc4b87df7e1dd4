"""A training run before its first step: the model to be, and the samples that it is to be made of."""

from dataclasses import dataclass

from deltarule.backprop.definition import Definition
from deltarule.backprop.errors import DefinitionError
from deltarule.backprop.trainer import Samples
from deltarule.training.encoding import InputEncoding, Rows
from deltarule.training.errors import DataError, SpecError
from deltarule.training.formulation import definition_of
from deltarule.training.model import Form, Model, without_weights
from deltarule.training.rows import RowCounts
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import Schema
from deltarule.training.targets import Target


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training run before its first step.

    Attributes:
        definition: what is trained, with the weights that training starts from.
        form: the model to be, without its parameters.
        training: what is learned from.
        validation: what is measured on; None where there are no rows for it.
        usable: how many rows of the table were used.
        class_sizes: training rows of each class; None where there are no classes.
    """

    definition: Definition
    form: Form
    training: Samples
    validation: Samples | None
    usable: RowCounts
    class_sizes: Rows | None


def needed(spec: Spec) -> tuple[str, ...]:
    """The columns besides the target that a complete row has a value in."""
    return (*(spec.features or ()), *((spec.sample_weight,) if spec.sample_weight else ()))


def used_in_validation(spec: Spec, form: Form) -> tuple[str, ...]:
    """The columns that rows to validate on are asked for."""
    return (*form.inputs.names, *form.target.names, *((spec.sample_weight,) if spec.sample_weight else ()))


def check_inputs(inputs: InputEncoding) -> InputEncoding:
    """The same encoding.

    Raises:
        DataError: it comes to no input.
    """
    if not inputs.width:
        raise DataError("No feature has a value in the training rows; there is nothing to learn from.", "/features")
    return inputs


def formed(
    spec: Spec, schema: Schema, inputs: InputEncoding, target: Target, continued: Model | None
) -> tuple[Definition, Form]:
    """What is trained, and the model to be, once the encoding is known.

    Raises:
        SpecError: the given weights of the first layer do not fit the inputs that the columns come to.
    """
    try:
        definition = definition_of(spec, continued).resolve(inputs.width, target.width)
    except DefinitionError as error:
        raise SpecError(error.faults) from error
    form = Form(
        definition=without_weights(definition),
        task=spec.task or "regression",
        preprocessing=spec.preprocessing,
        inputs=inputs,
        target=target,
        table=schema if continued is None else continued.form.table,
    )
    return definition, form
