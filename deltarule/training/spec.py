"""The job as posted: two fields are enough, and every other one may be chosen."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from deltarule.backprop.definition import (
    LAYERS_LIMIT,
    BlockRows,
    Dtype,
    EarlyStopping,
    Fraction,
    InitializerName,
    Layer,
    Loss,
    Optimizer,
    Positive,
    Regularization,
    Schedule,
)
from deltarule.backprop.record import Matrix, Record

TaskName = Literal["classification", "regression", "multilabel"]
Missing = Literal["impute", "drop", "error"]
Scalar = bool | int | float | str | None


def _not_empty(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise PydanticCustomError("too_short", "The list is empty; name at least one.")
    return items


def _without_nul(name: str) -> str:
    if "\0" in name:
        raise PydanticCustomError("nul", "A name cannot hold a NUL character; take it out.")
    return name


# SQLite would keep it, and PostgreSQL cannot.
Name = Annotated[str, Field(max_length=200), AfterValidator(_without_nul)]

# A `min_length` would count only the items that are right, and report one wrong item as none at all.
AtLeastOne = AfterValidator(_not_empty)
Names = Annotated[tuple[str, ...], Field(strict=False, json_schema_extra={"minItems": 1}), AtLeastOne]
Layers = Annotated[
    tuple[Layer, ...],
    Field(strict=False, max_length=LAYERS_LIMIT, json_schema_extra={"minItems": 1}),
    AtLeastOne,
]


class InlineData(Record):
    """A small dataset inside the job: `inputs` (n × d) with `targets` (n, or n × k), or `columns` by name."""

    inputs: Matrix | None = None
    targets: Annotated[tuple[Any, ...], Field(strict=False)] | None = None
    columns: dict[str, Annotated[tuple[Scalar, ...], Field(strict=False, fail_fast=True)]] | None = None


class Preprocessing(Record):
    """How columns become numbers.

    `standardize_target` None: on for regression columns wherever loss and output activation can take scaled targets.
    `missing` values are imputed (numbers by the mean, texts by the most frequent one), or their rows are dropped, or
    they are an error.
    """

    standardize: bool = True
    standardize_target: bool | None = None
    missing: Missing = "impute"


class JobNetwork(Record):
    """The network of a job: `layers`, or the `model_id` of a trained model to go on from; neither: chosen by the data.

    `dtype` None: float32, or that of the model to go on from.
    """

    dtype: Dtype | None = None
    initializer: InitializerName | Literal["auto"] = "auto"
    layers: Layers | None = None
    model_id: str | None = None


class TrainingPlan(Record):
    """The epochs, the rows they learn from, and the rows they are measured on; what is None is chosen by the data.

    `early_stopping` is the exception: null turns it off, and leaving it out leaves the choice open.
    `seed` settles every random choice: the split, the initial weights, the order of the rows, dropout.
    `class_weight` "balanced" weighs each class by rows / (classes × its rows); a mapping gives weights by class name.
    `shuffle_block` is set where the rows do not fit in memory: they are read from disk in blocks of so many rows, which
    are shuffled, and then some blocks at a time; null shuffles all rows at once, in memory.
    `time_limit_seconds` is training time, after which the run ends with the weights it has.
    """

    epochs: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=16_777_216)] | Literal["full"] | None = None
    shuffle: bool = True
    shuffle_block: BlockRows | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    validation_fraction: Fraction | None = None
    validation_dataset_id: str | None = None
    class_weight: Literal["balanced"] | dict[str, Positive] | None = None
    early_stopping: EarlyStopping | None = None
    time_limit_seconds: Positive | None = None

    @property
    def leaves_early_stopping_open(self) -> bool:
        """Whether early stopping was left out, as opposed to turned off by null."""
        return "early_stopping" not in self.model_fields_set


class Spec(Record):
    """A training job; `resolution.resolve` makes one in which nothing is left open, and which resolves to itself.

    Either `dataset_id` or `data` says where the rows come from. The target of arrays (`inputs`, `targets`) is known;
    of a table it must be named.
    """

    name: Name | None = None
    dataset_id: str | None = None
    data: InlineData | None = None
    target: str | Names | None = None
    features: Names | None = None
    sample_weight: str | None = None
    task: TaskName | None = None
    preprocessing: Preprocessing = Preprocessing()
    network: JobNetwork = JobNetwork()
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    regularization: Regularization = Regularization()
    training: TrainingPlan = TrainingPlan()

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns by name; empty when none is named."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, str) else self.target
