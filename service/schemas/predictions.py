"""What a model is asked, and what it says."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from deltarule.backprop.record import Record
from service.schemas.answer import Answer, Document, Id, SparseAnswer

Value = bool | int | float | str | None
PlainRow = Annotated[tuple[Value, ...], Field(strict=False, fail_fast=True)]


class PredictionRequest(Record):
    """Rows by column name, or plain rows of values in the order of the model's inputs; one of the two."""

    rows: Annotated[tuple[dict[str, Value], ...], Field(strict=False, min_length=1, fail_fast=True)] | None = None
    inputs: Annotated[tuple[PlainRow, ...], Field(strict=False, min_length=1, fail_fast=True)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.rows is None) == (self.inputs is None):
            raise ValueError("Give either rows or inputs")
        return self


class Prediction(SparseAnswer):
    """What the model says of one row: the fields of its task."""

    label: bool | int | float | str | None = Field(default=None, description="Classification: the likeliest class.")
    labels: tuple[str, ...] | None = Field(default=None, description="Multilabel: the labels that the row has.")
    probabilities: dict[str, float] | None = Field(default=None, description="Of each class or label.")
    value: float | None = Field(default=None, description="Regression on one target, in its own units.")
    values: dict[str, float] | None = Field(default=None, description="Regression on several targets, by name.")
    notes: tuple[str, ...] | None = Field(default=None, description="What was odd about the row.")


class Predictions(SparseAnswer):
    """What the model says of each row, in their order; fields without a meaning for its task are left out."""

    predictions: tuple[Prediction, ...]
    outputs: tuple[tuple[float, ...], ...] | None = Field(
        default=None, description="For `inputs`: the raw output activations."
    )


class EvaluationRequest(Record):
    """The dataset to measure a model on."""

    dataset_id: str


class Evaluation(Answer):
    """How good a model is on a dataset."""

    model_id: Id
    dataset_id: Id
    metrics: Document
