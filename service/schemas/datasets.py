"""A dataset as it is described, and its first rows."""

from typing import Annotated

from pydantic import Field

from deltarule.store.records import Dataset
from deltarule.training.spec import Name
from deltarule.training.tables import Column, Format, Schema, TargetShape
from service.schemas.answer import Answer, Id, Link, Moment
from service.schemas.pages import Next, NoQuery

PREVIEW_ROWS = 20


class UploadQuery(NoQuery):
    """What is said of an upload beside its body."""

    name: Name | None = Field(default=None, description="A name for people; by default the file's.")


class PreviewQuery(NoQuery):
    """How much to look at."""

    limit: int = Field(default=PREVIEW_ROWS, ge=1, le=1000, description="The most rows to show.")


class DatasetLinks(Answer):
    """What belongs to a dataset."""

    self: Link
    content: Link
    preview: Link


class DatasetAnswer(Answer):
    """A table that was uploaded."""

    id: Id
    name: str | None
    format: Format
    bytes: int = Field(ge=0)
    sha256: str = Field(description="Of the bytes as they were uploaded, hexadecimal.")
    rows: int = Field(ge=0)
    created_at: Moment
    columns: tuple[Column, ...]
    targets: TargetShape = Field(description="Of array formats: how many dimensions `targets` had.")
    links: DatasetLinks

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetAnswer":
        """The answer for this record."""
        path = f"/v1/datasets/{dataset.id}"
        schema = schema_of(dataset)
        return cls(
            id=dataset.id,
            name=dataset.name,
            format=schema.format,
            bytes=dataset.bytes,
            sha256=dataset.sha256,
            rows=dataset.rows,
            created_at=dataset.created_at,
            columns=schema.columns,
            targets=schema.targets,
            links=DatasetLinks(self=path, content=f"{path}/content", preview=f"{path}/preview"),
        )


class DatasetPage(Answer):
    """A page of datasets, newest first."""

    items: tuple[DatasetAnswer, ...]
    next: Next


Cell = Annotated[float | str | None, Field(description="null where the value is missing.")]


class Preview(Answer):
    """The first rows of a dataset."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]


def schema_of(dataset: Dataset) -> Schema:
    """What the library knows of a table, from its row."""
    return Schema.model_validate(
        {"format": dataset.format, "rows": dataset.rows, "columns": dataset.columns, "targets": dataset.targets}
    )
