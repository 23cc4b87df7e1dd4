"""What a job's events carry."""

from pydantic import Field

from service.schemas.answer import Answer


class EpochEvent(Answer):
    """One epoch, as it stands in the loss history."""

    epoch: int
    training_loss: float | None
    validation_loss: float | None
    learning_rate: float
    seconds: float
    gradient_norm: tuple[float | None, ...] = Field(description="A norm for each layer.")
