"""What trained models say of new rows, and how good they are on other data."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from service.authentication import owner
from service.evaluating import evaluated
from service.examples import EVALUATED, EVALUATION, PREDICTED, PREDICTIONS
from service.negotiation import CSV, JSON, answers, chosen
from service.predicting import as_csv, predicted
from service.schemas.predictions import Evaluation, EvaluationRequest, PredictionRequest, Predictions
from service.services import services

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
    200: {
        "content": {
            CSV: {**TEXT, "example": "label,probability_Adelie,probability_Gentoo,notes\r\nAdelie,0.99,0.01,\r\n"}
        }
    }
}


@blueprint.post("/predictions")
@answers(JSON, CSV)
@blueprint.output(Predictions, example=PREDICTED)
@blueprint.doc(responses=AS_CSV, extensions={"requestBody": BODY})
def predict(model_id: str) -> dict[str, Any] | Response:
    """Predict rows, given by column name, as plain lists of values, or as a CSV file; CSV in gives CSV out.

    A missing value, or one of a column that is not named, counts as the column's mean or most frequent category; a text
    that training never saw as none of the categories. `notes` says where that was done. Other columns of the training
    data may be there. Every faulty cell is told at once, `/rows/0/price` for the first row, in CSV too.
    """
    media_type = chosen(request, (CSV, JSON) if request.mimetype == CSV else (JSON, CSV))
    answer = predicted(services().trained.plain(owner(), model_id), request)
    if media_type == CSV:
        return Response(as_csv(answer["predictions"]), mimetype=CSV)
    return {**answer, "predictions": list(answer["predictions"])}


@blueprint.post("/evaluations")
@blueprint.input(EvaluationRequest, example=EVALUATION)
@blueprint.output(Evaluation, example=EVALUATED)
def evaluate(model_id: str, json_data: EvaluationRequest) -> Evaluation:
    """Measure a model on another dataset, which has the model's input and target columns.

    It is read part by part. Rows without a target are left out; missing values are filled as in training. An area under
    a ROC curve is measured on some of the rows, evenly spread, where there are more than four million scores.
    """
    metrics = evaluated(services(), owner(), model_id, json_data.dataset_id)
    return Evaluation(model_id=model_id, dataset_id=json_data.dataset_id, metrics=metrics)
