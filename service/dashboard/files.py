"""Files on their way in and out for whoever is signed in: browsers send a cookie where programs send a key."""

from flask import Response, request

from service.exporting import model_file, table_file
from service.parsing import parse_query
from service.schemas.datasets import UploadQuery
from service.schemas.models import ExportQuery
from service.tables import upload


def keep_table() -> Response:
    """Keep a table as the API does: streamed, limited, described in the answer."""
    return upload(request, parse_query(UploadQuery, request).name)


def give_table(dataset_id: str) -> Response:
    """A dataset as it was uploaded."""
    return table_file(request, dataset_id)


def give_model(model_id: str) -> Response:
    """A model in the format that the query names."""
    return model_file(request, model_id, parse_query(ExportQuery, request).format)
