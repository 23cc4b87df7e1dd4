"""Going on from a trained model: its columns, encoding and layers are kept, and the job may not ask for others."""

from collections.abc import Iterator

from deltarule.backprop.architecture import ActivationName
from deltarule.backprop.errors import Fault
from deltarule.backprop.resolution import resolved
from deltarule.training.model import Model
from deltarule.training.naming import listed, no_such_column
from deltarule.training.spec import JobNetwork, Preprocessing, Spec
from deltarule.training.tables.schema import Schema
from deltarule.training.tables.values import shown_name
from deltarule.training.tasks import Aim


def from_model(spec: Spec, model: Model) -> Spec:
    """The job with everything that the model has settled."""
    form = model.form
    names = form.target.names
    kept = form.preprocessing
    return spec.model_copy(
        update={
            "target": names[0] if len(names) == 1 else names,
            "features": form.inputs.names,
            "task": form.task,
            "loss": spec.loss or form.definition.loss,
            "preprocessing": Preprocessing(
                standardize=kept.standardize,
                standardize_target=kept.standardize_target,
                missing=spec.preprocessing.missing,
            ),
            "network": JobNetwork(
                dtype=spec.network.dtype or model.network.dtype,
                initializer=model.network.initializer,
                model_id=spec.network.model_id,
            ),
        }
    )


def aim_of_model(spec: Spec, model: Model) -> Aim:
    """What a job that goes on from the model aims at."""
    form = model.form
    activation: ActivationName = resolved(model.network.layers[-1].activation)
    loss = spec.loss or form.definition.loss
    return Aim(form.task, form.target.width, loss.name, activation, bool(form.preprocessing.standardize_target))


def continuing_faults(spec: Spec, schema: Schema, model: Model) -> Iterator[Fault]:
    """Whatever the job asks for that the model has settled otherwise, and columns that the data lacks."""
    yield from _column_faults(schema, model)
    form, asked = model.form, spec.preprocessing
    if spec.network.layers is not None:
        yield Fault("/network/layers", "A job that goes on from a model has its layers; leave them out.")
    if spec.target is not None and spec.targets != form.target.names:
        yield Fault("/target", f"The model predicts {listed(form.target.names)}; leave the target out.")
    if spec.features is not None and set(spec.features) != set(form.inputs.names):
        yield Fault("/features", f"The model learns from {listed(form.inputs.names)}; leave the features out.")
    if spec.task not in {None, form.task}:
        yield Fault("/task", f"The model's task is {form.task}; leave the task out.")
    if "standardize" in asked.model_fields_set and asked.standardize != form.preprocessing.standardize:
        yield Fault("/preprocessing/standardize", "The model keeps the encoding it was trained with; leave this out.")
    if asked.standardize_target not in {None, form.preprocessing.standardize_target}:
        yield Fault(
            "/preprocessing/standardize_target", "The model keeps the encoding it was trained with; leave this out."
        )


def _column_faults(schema: Schema, model: Model) -> Iterator[Fault]:
    found = {column.name: column for column in schema.columns}
    for column in model.known_columns:
        name, here = shown_name(column.name), found.get(column.name)
        if here is None:
            yield Fault("/network/model_id", f"The model needs column {name}. {no_such_column(name, schema.names)}")
        elif here.distinct and here.type != column.type:
            kinds = f"{column.type}, and in this data it is {here.type}"
            yield Fault("/network/model_id", f"The model knows column {name} as {kinds}.")
