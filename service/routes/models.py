"""Trained models: list, describe, take home, remove."""

from apiflask import APIBlueprint, EmptySchema
from flask import Response

from service.authentication import owner
from service.schemas.answer import no_content
from service.schemas.models import ModelAnswer, ModelPage
from service.schemas.pages import ListQuery, next_page
from service.services import services

blueprint = APIBlueprint("models", __name__, url_prefix="/v1/models", tag="Models")


@blueprint.get("")
@blueprint.input(ListQuery, location="query")
@blueprint.output(ModelPage)
def list_models(query_data: ListQuery) -> ModelPage:
    """List trained models, newest first."""
    page = services().models.page(owner(), query_data.limit, query_data.cursor)
    items = tuple(ModelAnswer.of(model) for model in page.items)
    return ModelPage(items=items, next=next_page("/v1/models", query_data, page))


@blueprint.get("/<model_id>")
@blueprint.output(ModelAnswer)
def describe_model(model_id: str) -> ModelAnswer:
    """Describe a model: its network, inputs, target and metrics."""
    return ModelAnswer.of(services().models.get(owner(), model_id))


@blueprint.delete("/<model_id>")
@blueprint.output(EmptySchema, 204)
@blueprint.doc(responses={409: "A queued or running job goes on from the model."})
def remove_model(model_id: str) -> Response:
    """Remove a model."""
    services().models.remove(owner(), model_id)
    services().trained.forget(model_id)
    return no_content()
