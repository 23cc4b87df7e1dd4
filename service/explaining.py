"""A step is explained only where a person could follow it; what is too large is refused before it is computed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from deltarule.backprop.definition import Definition, Loss, Network, Optimizer, Sgd
from deltarule.backprop.errors import Fault
from deltarule.backprop.explanation import Explanation, explain
from deltarule.backprop.parameters import Parameters, layout
from deltarule.backprop.record import Matrix, Record
from service.errors import Invalid
from service.services import Services
from service.submission import found

WORK_LIMIT = 300_000
WORK_OF_A_LAYER = 5_000
"""What a layer costs however small it is, in multiplications; the gradient check goes through all of them often."""

Rows = Annotated[Matrix, Field(strict=False, min_length=1, max_length=10_000)]


class ExplanationRequest(Record):
    """A network with its weights, or a trained model, and the batch that it steps on.

    The inputs are what the first layer sees. `loss` may be left out with a model, which has one of its own.
    """

    network: Network | None = None
    model_id: str | None = None
    inputs: Rows
    targets: Rows
    loss: Loss | None = None
    optimizer: Optimizer = Sgd()

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if (self.network is None) == (self.model_id is None):
            raise ValueError("Give either a network or a model_id")
        if self.model_id is None and self.loss is None:
            raise ValueError("Give a loss")
        return self


def explained(services: Services, owner: str | None, asked: ExplanationRequest) -> Explanation:
    """The step that is asked for.

    Raises:
        Invalid, DefinitionError, SamplesError, NotFiniteError: for what cannot be explained.
    """
    rows, widths = len(asked.inputs), (len(asked.inputs[0]), len(asked.targets[0]))
    definition, parameters = _definition(services, owner, asked)
    resolved = definition.resolve(*widths)
    shape = layout(resolved.network, widths[0])
    if rows * shape.size + WORK_OF_A_LAYER * len(shape.layers) > WORK_LIMIT:
        raise Invalid(
            [Fault("/network", "The network and the batch are too large to be explained; take a part of them.")]
        )
    return explain(resolved, asked.inputs, asked.targets, parameters)


def _definition(
    services: Services, owner: str | None, asked: ExplanationRequest
) -> tuple[Definition, Parameters | None]:
    if asked.network is not None and asked.loss is not None:
        return Definition(network=asked.network, loss=asked.loss, optimizer=asked.optimizer), None
    identifier = asked.model_id or ""
    model = found(lambda: services.trained.get(owner, identifier), "/model_id")
    loss = asked.loss or model.form.definition.loss
    return Definition(network=model.network, loss=loss, optimizer=asked.optimizer), model.parameters
