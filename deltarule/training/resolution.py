"""A posted job becomes one in which nothing is left open; what can't be run is found, all of it at once.

A resolved job resolves to itself: posting the answer's `spec` again trains the same model.
"""

from collections.abc import Iterator

from deltarule.backprop.architecture import Layer, Loss, Network
from deltarule.backprop.definition import Constant, EarlyStopping, method_faults
from deltarule.backprop.errors import Fault
from deltarule.backprop.resolution import resolve_network
from deltarule.training import defaults
from deltarule.training.columns import Selection, select
from deltarule.training.continuing import aim_of_model, continuing_faults, from_model
from deltarule.training.errors import SpecError
from deltarule.training.estimate import in_blocks, input_width, memory_faults
from deltarule.training.faults import aim_faults, loss_faults, plan_faults, source_faults
from deltarule.training.model import Model
from deltarule.training.spec import Spec, TrainingPlan
from deltarule.training.tables.schema import Schema
from deltarule.training.tasks import Aim, aim


def resolve(spec: Spec, schema: Schema, continued: Model | None = None, memory_limit: int | None = None) -> Spec:
    """The job with everything chosen that it leaves open.

    Args:
        spec: as posted.
        schema: of the dataset it is about.
        continued: the model that `network.model_id` names.
        memory_limit: bytes that the training may take; None for no limit. Rows that take more are trained on from
            disk.

    Raises:
        SpecError: with every fault found, each with the pointer of what to change.
    """
    faults = [*source_faults(spec), *plan_faults(spec, schema.rows)]
    if spec.network.model_id is None:
        found, resolved = _new(spec, schema)
    elif continued is None:
        found, resolved = [Fault("/network/model_id", "There is no such model.")], None
    else:
        found, resolved = _continued(spec, schema, continued)
    faults.extend(found)
    faults.extend(_method_faults(resolved or spec))
    if not faults and resolved is not None:
        resolved = in_blocks(resolved, schema, continued, memory_limit)
        if memory_limit is not None:
            faults.extend(memory_faults(resolved, schema, continued, memory_limit))
    if faults or resolved is None:
        raise SpecError(faults)
    return resolved


def _method_faults(spec: Spec) -> Iterator[Fault]:
    """What is wrong with optimizer and schedule, whatever the columns are."""
    optimizer, schedule = spec.optimizer or defaults.optimizer(spec.task or "regression"), spec.schedule or Constant()
    yield from method_faults(optimizer, schedule, spec.network.dtype or "float32")


def _new(spec: Spec, schema: Schema) -> tuple[list[Fault], Spec | None]:
    """A job with a network of its own."""
    selection, missing = select(spec, schema)
    if missing:
        return [*missing, *_layer_faults(spec)], None
    target = aim(spec, selection)
    faults = list(aim_faults(spec, selection, target))
    network, found = resolve_network(
        _network(spec, selection, target), target.loss, input_width(selection.features), target.outputs
    )
    taken = {fault.pointer for fault in faults}
    faults.extend(fault for fault in found if fault.pointer not in taken)
    chosen = {
        "target": spec.target or _named(selection),
        "features": tuple(column.name for column in selection.features),
        "task": target.task,
        "preprocessing": spec.preprocessing.model_copy(update={"standardize_target": target.scales_target}),
        "network": spec.network.model_copy(update={"dtype": network.dtype, "layers": network.layers}),
        "loss": Loss(name=target.loss),
    }
    return faults, _with_plan(spec.model_copy(update=chosen), selection.rows)


def _continued(spec: Spec, schema: Schema, model: Model) -> tuple[list[Fault], Spec | None]:
    """A job that goes on from a model, which has settled most of it."""
    faults = list(continuing_faults(spec, schema, model))
    if faults:
        return faults, None
    filled = from_model(spec, model)
    selection, found = select(filled, schema)
    target = aim_of_model(filled, model)
    faults = [*found, *loss_faults(filled, selection, target)]
    network = Network(layers=tuple(_bare(layer) for layer in model.network.layers))
    _, found = resolve_network(network, target.loss, model.form.inputs.width, target.outputs)
    return [*faults, *found], _with_plan(filled, selection.rows)


def _network(spec: Spec, selection: Selection, target: Aim) -> Network:
    """The job's layers, or else chosen ones, with the output layer made for the aim."""
    asked = spec.network
    hidden = defaults.hidden_layers(selection.rows, input_width(selection.features))
    layers = asked.layers or (*hidden, Layer())
    output = layers[-1]
    if output.activation is None:
        output = output.model_copy(update={"activation": target.activation})
    return Network(dtype=asked.dtype or "float32", initializer=asked.initializer, layers=(*layers[:-1], output))


def _bare(layer: Layer) -> Layer:
    return layer.model_copy(update={"weights": None, "biases": None})


def _named(selection: Selection) -> str | tuple[str, ...]:
    """The targets of arrays by name: one alone, or all of a two-dimensional array."""
    names = tuple(column.name for column in selection.targets)
    return names if selection.as_they_stand else names[0]


def _with_plan(spec: Spec, rows: int) -> Spec:
    """The job with its optimizer, its schedule and its epochs chosen."""
    plan = spec.training
    fraction = plan.validation_fraction
    if fraction is None:
        fraction = 0.0 if plan.validation_dataset_id else defaults.validation_fraction(rows)
    trained = max(1, rows - round(fraction * rows))
    batch_size = plan.batch_size or defaults.batch_size(trained)
    batches = 1 if batch_size == "full" else -(-trained // batch_size)
    epochs = plan.epochs or defaults.epochs(trained, batches)
    chosen = {
        "validation_fraction": fraction,
        "batch_size": batch_size,
        "epochs": epochs,
        "early_stopping": _early_stopping(plan, epochs, is_validated=fraction > 0 or bool(plan.validation_dataset_id)),
    }
    return spec.model_copy(
        update={
            "optimizer": spec.optimizer or defaults.optimizer(spec.task or "regression"),
            "schedule": spec.schedule or Constant(),
            "training": plan.model_copy(update=chosen),
        }
    )


def _early_stopping(plan: TrainingPlan, epochs: int, is_validated: bool) -> EarlyStopping | None:
    """The rule of the job, or else the usual one; none that would watch a validation loss there is not."""
    rule = plan.early_stopping
    if plan.leaves_early_stopping_open:
        rule = defaults.early_stopping(epochs)
    return rule if rule is None or is_validated or rule.monitor == "training_loss" else None


def faults_apart_from_data(spec: Spec) -> Iterator[Fault]:
    """Faults that can be told although the columns are not known."""
    yield from _method_faults(spec)
    yield from _layer_faults(spec)


def _layer_faults(spec: Spec) -> Iterator[Fault]:
    """Faults of the layers that can be told although the columns can't: those of all but the output layer."""
    layers = spec.network.layers
    if not layers:
        return
    inputs = len(layers[0].weights[0]) if layers[0].weights and layers[0].weights[0] else 1
    network = Network(layers=layers)
    _, faults = resolve_network(network, "squared_error", inputs, layers[-1].units or 1)
    yield from (fault for fault in faults if not fault.pointer.startswith(f"/network/layers/{len(layers) - 1}"))
