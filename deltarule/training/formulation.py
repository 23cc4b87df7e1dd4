"""A job, said in the words of backpropagation: what the trainer is given besides the data."""

from deltarule.backprop.architecture import Network
from deltarule.backprop.definition import Adam, Constant, Definition, Plan
from deltarule.training.model import Model
from deltarule.training.spec import Spec


def definition_of(spec: Spec, continued: Model | None = None) -> Definition:
    """The definition that a resolved job trains; it is still to be resolved for its inputs and outputs.

    Raises:
        ValueError: the job is not resolved, or the model to go on from is not given.
    """
    plan, layers = spec.training, spec.network.layers
    if continued is not None:
        layers = continued.network.layers
    if layers is None or spec.loss is None or spec.network.dtype is None:
        raise ValueError("This job still leaves something open; call `resolve` on it first.")
    if plan.epochs is None or plan.batch_size is None:
        raise ValueError("This job still leaves its epochs open; call `resolve` on it first.")
    return Definition(
        network=Network(dtype=spec.network.dtype, initializer=spec.network.initializer, layers=layers),
        loss=spec.loss,
        optimizer=spec.optimizer or Adam(),
        schedule=spec.schedule or Constant(),
        regularization=spec.regularization,
        training=Plan(
            epochs=plan.epochs,
            batch_size=plan.batch_size,
            shuffle=plan.shuffle,
            shuffle_block=plan.shuffle_block,
            seed=plan.seed,
            early_stopping=plan.early_stopping,
        ),
    )
