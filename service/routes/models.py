"""Trained models: list, describe, take home, remove."""

from typing import Any

from apiflask import APIBlueprint, EmptySchema
from flask import Response, request

from deltarule.training.exports import FORMATS, MEDIA_TYPES
from service.answered import EXPORTED
from service.attached import attached
from service.authentication import owner
from service.exporting import model_file
from service.negotiation import JSON, answers
from service.schemas.answer import no_content
from service.schemas.models import ExportQuery, ModelAnswer, ModelPage
from service.schemas.pages import ListQuery, next_page
from service.services import services

blueprint = APIBlueprint("models", __name__, url_prefix="/v1/models", tag="Models")

CONTENT: dict[str, Any] = {
    **{
        MEDIA_TYPES[name]: attached(f"model.{FORMATS[name].suffix}", "A model of one layer.")
        for name in MEDIA_TYPES
        if name != "json"
    },
    JSON: {"example": EXPORTED},
}
FILES: dict[str | int, Any] = {
    200: {"description": "The model as a file.", "content": CONTENT},
    206: {"description": "The range that was asked for.", "content": CONTENT},
    304: {"description": "Whoever asks has these bytes: If-None-Match names them."},
    412: {"description": "If-Match names other bytes."},
    416: {"description": "The range begins after the end of the file."},
}


@blueprint.get("")
@blueprint.input(ListQuery, location="query")
@blueprint.output(ModelPage)
def list_models(query_data: ListQuery) -> ModelPage:
    """List trained models, newest first."""
    page = services().models.page(owner(), query_data.limit, query_data.cursor)
    items = tuple(ModelAnswer.of(model) for model in page.items)
    return ModelPage(items=items, next=next_page("/v1/models", query_data, page))


@blueprint.get("/<id:model_id>")
@blueprint.output(ModelAnswer)
def describe_model(model_id: str) -> ModelAnswer:
    """Describe a model: its network, inputs, target and metrics."""
    return ModelAnswer.of(services().models.get(owner(), model_id))


@blueprint.get("/<id:model_id>/export")
@answers(*MEDIA_TYPES.values())
@blueprint.input(ExportQuery, location="query")
@blueprint.doc(responses=FILES)
def export_model(model_id: str, query_data: ExportQuery) -> Response:
    """Take a model home: its entity tag is the SHA-256 of the file.

    As `json`: its description with weights (units × fan-in), biases and preprocessing in full precision. As `npz`:
    NumPy arrays `weights_0`, `biases_0`, ... and the rest as JSON in `metadata`. As `safetensors`: the same arrays, the
    rest in the header's `metadata`. As `onnx`: a graph that takes the columns as they are, one input for each (doubles,
    NaN where missing; strings, empty where missing), and answers `label` and `probabilities`, `labels`, `value` or
    `values`. As `bundle`: a zip with a program that needs NumPy only, weights, preprocessing, and rows to test it with.
    """
    return model_file(request, model_id, query_data.format)


@blueprint.delete("/<id:model_id>")
@blueprint.output(EmptySchema, 204)
@blueprint.doc(responses={409: "A queued or running job goes on from the model."})
def remove_model(model_id: str) -> Response:
    """Remove a model."""
    services().trained.remove(owner(), model_id)
    return no_content()
