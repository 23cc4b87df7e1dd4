"""What was made here, as files to take home."""

from hashlib import sha256
from io import BytesIO

from flask import Request, Response

from deltarule.training.exports import FORMATS, ExportFormat, export
from service.authentication import owner
from service.downloads import download
from service.negotiation import chosen
from service.schemas.datasets import schema_of
from service.schemas.models import ModelAnswer
from service.services import services
from service.uploads import MEDIA_TYPES

ABOUT = {"id", "job_id", "name", "created_at", "metrics", "links"}


def model_file(asked: Request, model_id: str, form: ExportFormat) -> Response:
    """A model in a format that others read; raises NotFound, or DataError where it is too large for the format."""
    format_ = FORMATS[form]
    media_type = chosen(asked, [format_.media_type])
    about = ModelAnswer.of(services().models.get(owner(), model_id)).model_dump(mode="json", include=ABOUT)
    content = export(services().trained.get(owner(), model_id), form, about)
    name = f"{about['name'] or 'model'}.{format_.suffix}"
    digest = sha256(content).hexdigest()
    return download(asked, BytesIO(content), size=len(content), media_type=media_type, name=name, sha256=digest)


def table_file(asked: Request, dataset_id: str) -> Response:
    """A dataset as it was uploaded; raises NotFound."""
    dataset = services().datasets.get(owner(), dataset_id)
    media_type = chosen(asked, [MEDIA_TYPES[schema_of(dataset).format]])
    file = services().blobs.open(dataset.blob_key)
    name = f"{dataset.name or dataset.id}.{dataset.format}"
    return download(asked, file, size=dataset.bytes, media_type=media_type, name=name, sha256=dataset.sha256)
