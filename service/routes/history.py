"""The loss history: columns for programs, CSV for spreadsheets."""

import csv
import io
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from deltarule.store.records import HistoryRow
from service.authentication import owner
from service.negotiation import CSV, JSON, answers, chosen
from service.schemas.jobs import History, HistoryQuery
from service.services import services

blueprint = APIBlueprint("history", __name__, url_prefix="/v1/jobs", tag="Jobs")

COLUMNS = ("epoch", "training_loss", "validation_loss", "learning_rate", "seconds")
TABLE = {"schema": {"type": "string"}, "example": "epoch,training_loss,validation_loss\r\n1,0.9,1.1\r\n"}
AS_CSV: dict[str | int, Any] = {200: {"content": {CSV: TABLE}}}


@blueprint.get("/<id:job_id>/history")
@answers(JSON, CSV)
@blueprint.input(HistoryQuery, location="query")
@blueprint.output(History)
@blueprint.doc(responses=AS_CSV)
def history(job_id: str, query_data: HistoryQuery) -> History | Response:
    """Give the loss history of a job, as far as it has come.

    As `text/csv` there is a line for each epoch and a column for each layer's gradient norm. Of more than 10,000
    planned epochs one in `every` is kept.
    """
    job = services().jobs.get(owner(), job_id)
    rows = services().jobs.history(owner(), job_id, query_data.since_epoch)
    return Response(_csv(rows), mimetype=CSV) if chosen(request, (JSON, CSV)) == CSV else History.of(job, rows)


def _csv(rows: tuple[HistoryRow, ...]) -> str:
    layers = max((len(row.gradient_norm) for row in rows), default=0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, *(f"gradient_norm_{layer}" for layer in range(layers))])
    writer.writerows([*(getattr(row, name) for name in COLUMNS), *row.gradient_norm] for row in rows)
    return text.getvalue()
