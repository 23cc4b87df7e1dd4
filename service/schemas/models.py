"""A trained model as it is answered: what goes in, what comes out, how good it is."""

from typing import Any, Self

from pydantic import Field

from deltarule.store.records import Model
from deltarule.training.exports import FORMATS, ExportFormat
from deltarule.training.spec import TaskName
from service.schemas.answer import Answer, Document, Id, Link, Moment
from service.schemas.pages import Next, NoQuery


class ModelLinks(Answer):
    """What belongs to a model; null where it is gone."""

    self: Link
    job: Link | None
    predictions: Link
    evaluations: Link
    export_json: Link
    export_npz: Link
    export_safetensors: Link
    export_onnx: Link
    export_bundle: Link


class ModelAnswer(Answer):
    """A trained model, without its weights."""

    id: Id
    job_id: Id | None
    name: str | None
    task: TaskName
    created_at: Moment
    parameters: int = Field(ge=0, description="How many weights and biases it has.")
    bytes: int = Field(ge=0)
    sha256: str = Field(description="Of the weights.")
    network: Document = Field(description="The definition, without weights.")
    inputs: tuple[Document, ...] = Field(description="The input columns, as in a dataset.")
    target: tuple[str, ...] = Field(description="The target columns.")
    metrics: dict[str, Document | None] = Field(description="`training` and `validation`: metrics by name.")
    links: ModelLinks

    @classmethod
    def of(cls, model: Model) -> Self:
        """The answer for this record."""
        path = f"/v1/models/{model.id}"
        links = ModelLinks(
            self=path,
            job=f"/v1/jobs/{model.job_id}" if model.job_id else None,
            predictions=f"{path}/predictions",
            evaluations=f"{path}/evaluations",
            **{f"export_{format_}": f"{path}/export?format={format_}" for format_ in FORMATS},
        )
        names = ("id", "job_id", "name", "task", "created_at", "parameters", "bytes", "sha256", "metrics")
        record: dict[str, Any] = {name: getattr(model, name) for name in names}
        return cls.model_validate({**model.description, **record, "links": links})


class ExportQuery(NoQuery):
    """In which format to take a model home."""

    format: ExportFormat = Field(
        description="`json`: one document; `npz`: NumPy arrays; `safetensors`: arrays for any framework; `onnx`: a "
        "graph with the preprocessing inside; `bundle`: a zip with a program that needs NumPy only."
    )


class ModelPage(Answer):
    """A page of models, newest first."""

    items: tuple[ModelAnswer, ...]
    next: Next
