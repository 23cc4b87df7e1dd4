"""The loss history: columns for programs, CSV for spreadsheets, a chart for people."""

import csv
import hashlib
import io
from importlib.metadata import version
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request

from deltarule.store.records import HistoryRow, Job
from service.attached import attached
from service.authentication import owner
from service.negotiation import CSV, JSON, answers, chosen
from service.schemas.jobs import History, HistoryQuery
from service.services import services
from service.thinning import thinned

blueprint = APIBlueprint("history", __name__, url_prefix="/v1/jobs", tag="Jobs")

COLUMNS = ("epoch", "training_loss", "validation_loss", "learning_rate", "seconds")
CHARTS = {"image/svg+xml": "svg", "image/png": "png"}
FORMS = (JSON, CSV, *CHARTS)
TABLE = {"schema": {"type": "string"}, "example": "epoch,training_loss,validation_loss\r\n1,0.9,1.1\r\n"}
PICTURES = {
    media_type: {
        "schema": {"type": "string", "format": "binary"},
        **attached(f"history.{form}", "The losses of twelve epochs."),
    }
    for media_type, form in CHARTS.items()
}
RESPONSES: dict[str | int, Any] = {
    200: {"content": {CSV: TABLE, **PICTURES}},
    304: {"description": "`If-None-Match` names the history of a job that has ended, which is still the same."},
}


@blueprint.get("/<id:job_id>/history")
@answers(*FORMS)
@blueprint.input(HistoryQuery, location="query")
@blueprint.output(History)
@blueprint.doc(responses=RESPONSES)
def history(job_id: str, query_data: HistoryQuery) -> Response:
    """Give the loss history of a job, as far as it has come.

    As `text/csv` there is a line for each epoch and a column for each layer's gradient norm; as `image/svg+xml` or
    `image/png` it is a chart of the losses with the best epoch marked. Of more than 10,000 planned epochs one in
    `every` is kept.
    """
    job, form = services().jobs.get(owner(), job_id), chosen(request, FORMS)
    tag = _tag(job, form, query_data)
    if tag and tag in request.if_none_match:
        return _tagged(Response(status=304), tag)
    rows = services().jobs.history(owner(), job_id, query_data.since_epoch)
    shown = thinned(rows, query_data.points) if query_data.points else rows
    return _tagged(written(job, shown, form, query_data.since_epoch), tag)


def written(job: Job, rows: tuple[HistoryRow, ...], form: str, since_epoch: int = 0) -> Response:
    """These epochs in the form that was asked for."""
    if form == CSV:
        return Response(_csv(rows), mimetype=CSV)
    if form in CHARTS:
        from service.charts import chart  # noqa: PLC0415 -- loads matplotlib

        return Response(chart(job, rows, CHARTS[form], since_epoch), mimetype=form)
    return Response(current_app.json.dumps(History.of(job, rows)), mimetype=JSON)


def _tag(job: Job, form: str, query: HistoryQuery) -> str | None:
    """What names this answer for good; that of a job which has not ended has no such name."""
    if not job.status.ended:
        return None
    parts = (job.id, job.finished_at, form, query.since_epoch, query.points, version("deltarule"))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _tagged(response: Response, tag: str | None) -> Response:
    if tag:
        response.set_etag(tag)
        # It may be kept by whom it was given to, who asks each time whether it is there still.
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers.add("Vary", "Authorization")
    return response


def _csv(rows: tuple[HistoryRow, ...]) -> str:
    layers = max((len(row.gradient_norm) for row in rows), default=0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, *(f"gradient_norm_{layer}" for layer in range(layers))])
    writer.writerows([*(getattr(row, name) for name in COLUMNS), *row.gradient_norm] for row in rows)
    return text.getvalue()
