"""A step is explained only where a person could follow it; what is too large is refused before it is computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from deltarule.backprop.definition import Definition, Loss, LossName, Network, Optimizer, Plan, Sgd
from deltarule.backprop.errors import Fault
from deltarule.backprop.explanation import Explanation, explain
from deltarule.backprop.losses import target_fault
from deltarule.backprop.numerics import Doubles
from deltarule.backprop.parameters import layout
from deltarule.backprop.record import Matrix, Record
from deltarule.training.labelled import encoded
from deltarule.training.model import Model
from service.errors import Invalid
from service.schemas.predictions import Value
from service.services import Services
from service.submission import found

WORK_LIMIT = 300_000
WORK_OF_A_LAYER = 5_000
"""What a layer costs however small it is, in multiplications; the gradient check goes through all of them often."""

Rows = Annotated[Matrix, Field(strict=False, min_length=1, max_length=10_000)]
NamedRows = Annotated[
    tuple[dict[str, Value], ...], Field(strict=False, min_length=1, max_length=10_000, fail_fast=True)
]


class ExplanationRequest(Record):
    """A network with its weights, or a trained model, and the batch that it steps on.

    `inputs` are what the first layer sees and `targets` what the outputs are compared with. With a model, `rows` may
    stand instead: objects by column name, targets among them, which go through the model's encoding. `loss` may be left
    out with a model, which has one of its own. `seed` settles the weights that a network leaves open.
    """

    network: Network | None = None
    model_id: str | None = None
    rows: NamedRows | None = None
    inputs: Rows | None = None
    targets: Rows | None = None
    loss: Loss | None = None
    optimizer: Optimizer = Sgd()
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if (self.network is None) == (self.model_id is None):
            raise ValueError("Give either a network or a model_id")
        if self.model_id is None and self.loss is None:
            raise ValueError("Give a loss")
        if self.model_id is not None and self.seed is not None:
            raise ValueError("Give a seed only with a network: the weights of a model are all known")
        return self

    @model_validator(mode="after")
    def _one_batch(self) -> Self:
        if self.rows is None and (self.inputs is None or self.targets is None):
            raise ValueError("Give inputs and targets, or rows of a model's data")
        if self.rows is not None and (self.inputs is not None or self.targets is not None):
            raise ValueError("Give either rows or inputs and targets")
        if self.rows is not None and self.model_id is None:
            raise ValueError("Give rows only with a model_id: a network by itself knows no columns")
        return self


@dataclass(frozen=True, slots=True)
class Batch:
    """What the step is taken on, and how its faults are told: rows by name have no place for a single number."""

    inputs: Matrix
    targets: Matrix
    named: bool = False


def explained(services: Services, owner: str | None, asked: ExplanationRequest) -> Explanation:
    """The step that is asked for.

    Raises:
        Invalid, DataError, DefinitionError, SamplesError, NotFiniteError: for what cannot be explained.
    """
    model = _model(services, owner, asked)
    batch = _batch(asked, model)
    definition = _definition(asked, model)
    if faults := tuple(_shape_faults(batch, model)) or tuple(_target_faults(batch, definition.loss.name)):
        raise Invalid(faults)
    width = len(batch.inputs[0])
    resolved = definition.resolve(width, len(batch.targets[0]))
    shape = layout(resolved.network, width)
    if len(batch.inputs) * shape.size + WORK_OF_A_LAYER * len(shape.layers) > WORK_LIMIT:
        place = "/network" if model is None else "/model_id"
        raise Invalid([Fault(place, "The network and the batch are too large to be explained; take a part of them.")])
    return explain(resolved, batch.inputs, batch.targets, model.parameters if model else None)


def _model(services: Services, owner: str | None, asked: ExplanationRequest) -> Model | None:
    identifier = asked.model_id
    if identifier is None:
        return None
    return found(lambda: services.trained.get(owner, identifier), "/model_id")


def _batch(asked: ExplanationRequest, model: Model | None) -> Batch:
    if asked.rows is None or model is None:
        return Batch(asked.inputs or (), asked.targets or ())
    made = encoded(model, asked.rows)
    return Batch(_matrix(made.inputs), _matrix(made.targets), named=True)


def _definition(asked: ExplanationRequest, model: Model | None) -> Definition:
    if model is not None:
        loss = asked.loss or model.form.definition.loss
        return Definition(network=model.network, loss=loss, optimizer=asked.optimizer)
    assert asked.network is not None  # noqa: S101 -- for the type checker; without a model there is a network
    assert asked.loss is not None  # noqa: S101 -- and a loss
    plan = Plan(seed=asked.seed or 0)
    return Definition(network=asked.network, loss=asked.loss, optimizer=asked.optimizer, training=plan)


def _shape_faults(batch: Batch, model: Model | None) -> Iterator[Fault]:
    """Rows that are not as wide as the model, or as the first of them; inputs and targets that do not match."""
    widths = (model.parameters.layout.inputs, model.parameters.layout.outputs) if model else (None, None)
    for name, rows, wanted in zip(("inputs", "targets"), (batch.inputs, batch.targets), widths, strict=True):
        width = wanted or len(rows[0])
        told = f"The model takes {width} {name} in a row" if wanted else f"The first row has {width} numbers"
        for number, row in enumerate(rows):
            if not row:
                yield Fault(f"/{name}/{number}", "The row is empty; write its numbers.")
            elif len(row) != width:
                yield Fault(f"/{name}/{number}", f"{told}; this one has {len(row)}.")
    if len(batch.inputs) != len(batch.targets):
        sentence = f"There are {len(batch.inputs)} rows of inputs, but {len(batch.targets)} rows of targets."
        yield Fault("/targets", sentence)


def _target_faults(batch: Batch, loss: LossName) -> Iterator[Fault]:
    if fault := target_fault(loss, np.array(batch.targets, np.float64)):
        row, column, sentence = fault
        yield Fault(f"/rows/{row}" if batch.named else f"/targets/{row}/{column}", sentence)


def _matrix(values: Doubles) -> Matrix:
    return tuple(map(tuple, values.tolist()))
