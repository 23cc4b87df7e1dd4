"""What trained models say of new rows, and how good they are on other data."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from deltarule.training.tables import read
from service.authentication import owner
from service.examples import PREDICTIONS
from service.negotiation import CSV, JSON, answers, chosen
from service.predicting import as_csv, predicted
from service.schemas.datasets import schema_of
from service.schemas.predictions import Evaluation, EvaluationRequest, PredictionRequest, Predictions
from service.services import services
from service.submission import found

blueprint = APIBlueprint("predictions", __name__, url_prefix="/v1/models/<id:model_id>", tag="Models")

TEXT = {"schema": {"type": "string"}}
BODY = {
    "required": True,
    "content": {
        JSON: {"schema": PredictionRequest.model_json_schema(), "examples": PREDICTIONS},
        CSV: {**TEXT, "example": "bill_length_mm,island\n39.1,Torgersen\n"},
    },
}
AS_CSV: dict[str | int, Any] = {
    200: {"content": {CSV: {**TEXT, "example": "label,probability_Adelie,probability_Gentoo\r\nAdelie,0.99,0.01\r\n"}}}
}


@blueprint.post("/predictions")
@answers(JSON, CSV)
@blueprint.output(Predictions)
@blueprint.doc(responses=AS_CSV, extensions={"requestBody": BODY})
def predict(model_id: str) -> dict[str, Any] | Response:
    """Predict rows, given by column name, as plain lists of values, or as a CSV file; CSV in gives CSV out.

    A missing value counts as the column's mean or most frequent category; `notes` says where that was done.
    """
    media_type = chosen(request, (CSV, JSON) if request.mimetype == CSV else (JSON, CSV))
    answer = predicted(services().trained.plain(owner(), model_id), request)
    return Response(as_csv(answer["predictions"]), mimetype=CSV) if media_type == CSV else answer


@blueprint.post("/evaluations")
@blueprint.input(EvaluationRequest)
@blueprint.output(Evaluation)
def evaluate(model_id: str, json_data: EvaluationRequest) -> Evaluation:
    """Measure a model on another dataset, which has the model's input and target columns."""
    model = services().trained.get(owner(), model_id)
    dataset = found(lambda: services().datasets.get(owner(), json_data.dataset_id), "/dataset_id")
    with services().blobs.local(dataset.blob_key, dataset.bytes) as path:
        table = read(path, schema_of(dataset).format)
    return Evaluation(model_id=model_id, dataset_id=dataset.id, metrics=model.evaluate(table))
