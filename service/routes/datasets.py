"""Tables: upload, list, describe, look into, download, remove."""

from typing import Any

from apiflask import APIBlueprint, EmptySchema
from flask import Response, request

from service.attached import attached
from service.authentication import owner
from service.exporting import table_file
from service.negotiation import CSV, JSON, answers
from service.schemas.answer import no_content
from service.schemas.datasets import DatasetAnswer, DatasetPage, Preview, PreviewQuery, UploadQuery, schema_of
from service.schemas.pages import ListQuery, next_page
from service.services import services
from service.tables import first_rows, upload
from service.uploads import FORMATS, MEDIA_TYPES, MULTIPART

blueprint = APIBlueprint("datasets", __name__, url_prefix="/v1/datasets", tag="Datasets")

TABLE = "length,colour\n1.5,red\n2.5,blue\n"
JSON_LINES = "application/x-ndjson"
RAW = {"schema": {"type": "string", "format": "binary"}}
FORM = {
    "schema": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "additionalProperties": False,
    },
    "example": {"file": TABLE},
}
CSV_EXAMPLE = {**RAW, "example": TABLE}
LINES_EXAMPLE = {**RAW, "example": '{"length": 1.5, "colour": "red"}\n{"length": 2.5, "colour": "blue"}\n'}
JSON_EXAMPLE = {
    "schema": {"type": "object"},
    "examples": {
        "columns": {"value": {"columns": {"length": [1.5, 2.5], "colour": ["red", "blue"]}}},
        "arrays": {"value": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [0, 1, 1, 0]}},
    },
}
FILES = {
    MEDIA_TYPES["parquet"]: attached("table.parquet", "A table of two rows."),
    MEDIA_TYPES["npz"]: attached("arrays.npz", "The arrays inputs and targets, as numpy.savez writes them."),
}
BODY = {
    "required": True,
    "content": {
        **{media_type: {**RAW, **example} for media_type, example in FILES.items()},
        CSV: CSV_EXAMPLE,
        JSON: JSON_EXAMPLE,
        JSON_LINES: LINES_EXAMPLE,
        MULTIPART: FORM,
    },
}
AS_UPLOADED: dict[str, Any] = {
    **FILES,
    CSV: {"example": TABLE},
    JSON: {"examples": JSON_EXAMPLE["examples"]},
    JSON_LINES: {"example": LINES_EXAMPLE["example"]},
}
FILE: dict[str | int, Any] = {
    200: {"description": "The bytes as they were uploaded.", "content": AS_UPLOADED},
    206: {"description": "The range that was asked for.", "content": AS_UPLOADED},
    304: {"description": "Whoever asks has these bytes: If-None-Match names them."},
    412: {"description": "If-Match names other bytes."},
    416: {"description": "The range begins after the end of the file."},
}


@blueprint.post("")
@blueprint.input(UploadQuery, location="query")
@blueprint.output(DatasetAnswer, 201)
@blueprint.doc(
    extensions={"requestBody": BODY}, responses={411: "The body says neither its length nor that it is chunked."}
)
def upload_dataset(query_data: UploadQuery) -> Response:
    """Upload a table.

    The body is the file, its Content-Type says the format; or a form with the file as its part `file`.
    """
    return upload(request, query_data.name)


@blueprint.get("")
@blueprint.input(ListQuery, location="query")
@blueprint.output(DatasetPage)
def list_datasets(query_data: ListQuery) -> DatasetPage:
    """List datasets, newest first."""
    page = services().datasets.page(owner(), query_data.limit, query_data.cursor)
    items = tuple(DatasetAnswer.of(dataset) for dataset in page.items)
    return DatasetPage(items=items, next=next_page("/v1/datasets", query_data, page))


@blueprint.get("/<id:dataset_id>")
@blueprint.output(DatasetAnswer)
def describe_dataset(dataset_id: str) -> DatasetAnswer:
    """Describe a dataset: its columns, their types, statistics and categories."""
    return DatasetAnswer.of(services().datasets.get(owner(), dataset_id))


@blueprint.delete("/<id:dataset_id>")
@blueprint.output(EmptySchema, 204)
@blueprint.doc(responses={409: "A queued or running job needs the dataset."})
def remove_dataset(dataset_id: str) -> Response:
    """Remove a dataset and its bytes."""
    services().datasets.remove(owner(), dataset_id)
    return no_content()


@blueprint.get("/<id:dataset_id>/content")
@answers(*FORMATS)
@blueprint.doc(responses=FILE)
def download_dataset(dataset_id: str) -> Response:
    """Download a dataset as it was uploaded, whole or in part: its entity tag is its SHA-256."""
    return table_file(request, dataset_id)


@blueprint.get("/<id:dataset_id>/preview")
@blueprint.input(PreviewQuery, location="query")
@blueprint.output(Preview)
def preview_dataset(dataset_id: str, query_data: PreviewQuery) -> Preview:
    """Show the first rows of a dataset."""
    dataset = services().datasets.get(owner(), dataset_id)
    rows = first_rows(dataset, services().blobs, query_data.limit)
    return Preview(columns=schema_of(dataset).names, rows=tuple(rows))
